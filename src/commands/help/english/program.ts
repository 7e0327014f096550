/** What stands in the help of every command. */
export const program = {
  description: "OpenAI's open-weight gpt-oss models on your own machine.",
  version: "output the version number",
  helpOption: "display help for command",
  helpCommand: "display help for command",
  /** Below a complaint about an option that is part of a question. */
  dashHint: 'To ask a question that begins with "-", put -- before it: gpt-oss ask -- "-5 + 3?"',
  /** Below a complaint about the words of the command line. */
  seeHelp: "(gpt-oss --help lists the commands and options)",
};

export const completion = {
  description: "print the completion script for zsh, bash or fish",
  /** The same where the command is called, in the words of the package that does it. */
  ownDescription: "Generate shell completion scripts",
  shell: "Shell type for completion script",
};

/** Why the value of an option can't be taken. */
export const values = {
  margin: "It has to be a number from 0 to 1.",
  positiveNumber: "It has to be a whole number from 1 on.",
};
