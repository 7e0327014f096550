/**
 * Darwin's maize: crossed minus self-fertilized height of 15 pairs, in eighths of an inch
 * (Fisher 1935, The Design of Experiments, table 3).
 */
export const DARWIN = [49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48] as const;
