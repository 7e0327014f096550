import { sep } from "node:path";
import { foldText } from "../../terminal/unicode.ts";

/** Folders whose files run, or decide what runs: of package managers, hooks, services, and on the search path of programs. */
const FOLDERS = new Set([
  ".ssh",
  ".gnupg",
  ".config",
  ".vscode",
  ".idea",
  ".github",
  ".husky",
  ".githooks",
  ".direnv",
  ".devcontainer",
  "node_modules",
  "site-packages",
  "bin",
  "sbin",
  "hooks",
  "autostart",
  "systemd",
  "init.d",
  "profile.d",
  "cron.d",
  "cron.hourly",
  "cron.daily",
  "cron.weekly",
  "cron.monthly",
  "crontabs",
  "sudoers.d",
  "launchagents",
  "launchdaemons",
  "startup items",
  "gradle",
  "applications",
]);

/** Files that a build, an installation, a test or a container runs, or that choose what is installed. */
const NAMES = new Set([
  "package.json",
  "package-lock.json",
  "npm-shrinkwrap.json",
  "yarn.lock",
  "pnpm-lock.yaml",
  "bun.lock",
  "pnpm-workspace.yaml",
  "bunfig.toml",
  "deno.json",
  "deno.jsonc",
  "mcp.json",
  "composer.json",
  "lerna.json",
  "makefile",
  "gnumakefile",
  "bsdmakefile",
  "cmakelists.txt",
  "cmakepresets.json",
  "meson.build",
  "configure",
  "build",
  "build.bazel",
  "workspace",
  "workspace.bazel",
  "module.bazel",
  "sconstruct",
  "wscript",
  "build.gradle",
  "build.gradle.kts",
  "settings.gradle",
  "settings.gradle.kts",
  "gradlew",
  "mvnw",
  "pom.xml",
  "cargo.toml",
  "cargo.lock",
  "build.rs",
  "rust-toolchain",
  "rust-toolchain.toml",
  "go.mod",
  "build.zig",
  "setup.py",
  "setup.cfg",
  "pyproject.toml",
  "conftest.py",
  "sitecustomize.py",
  "usercustomize.py",
  "tox.ini",
  "noxfile.py",
  "pytest.ini",
  "manage.py",
  "pipfile",
  "pipfile.lock",
  "poetry.lock",
  "uv.lock",
  "fabfile.py",
  "gemfile",
  "gemfile.lock",
  "rakefile",
  "podfile",
  "brewfile",
  "justfile",
  "procfile",
  "vagrantfile",
  "jenkinsfile",
  "gruntfile.js",
  "gulpfile.js",
  "taskfile.yml",
  "taskfile.yaml",
  "mise.toml",
  "lefthook.yml",
  "lefthook.yaml",
  "dockerfile",
  "containerfile",
  "compose.yml",
  "compose.yaml",
  "azure-pipelines.yml",
  "bitbucket-pipelines.yml",
  "appveyor.yml",
  "cloudbuild.yaml",
  "crontab",
  "authorized_keys",
  "sudoers",
  "flake.nix",
  "shell.nix",
  "default.nix",
]);

/** `jest.config.js`, `docker-compose.prod.yml`, `requirements-dev.txt`, a unit of systemd and others of many names. */
const PATTERNS: readonly RegExp[] = [
  /\.(?:service|timer|socket|mount|desktop|plist|pth|mk|cmake|gemspec|code-workspace|command|workflow|bat|cmd|ps1|lnk|url)$/,
  /\.(?:config|conf|rc|setup)\.(?:[cm]?[jt]sx?|json|ya?ml|toml|py|rb)$/,
  /^(?:dockerfile|containerfile|makefile)\./,
  /\.(?:dockerfile|containerfile)$/,
  /^(?:docker-)?compose(?:[.-].*)?\.ya?ml$/,
  /^(?:requirements|constraints).*\.txt$/,
  /^lint-?staged\./,
];

/**
 * Whether a file runs programs, or changes which programs run, without anybody opening it: shells, hooks, editors, package managers,
 * builds, continuous integration, services. Every hidden name counts, since that is where programs look for their settings.
 * @param root the folder that the user has named, whose own place may be hidden
 * @param target where the file really is
 */
export function changesWhatRuns(root: string, target: string): boolean {
  const all = target.split(sep).map(comparableName);
  const inside = target
    .slice(root.length)
    .split(sep)
    .filter((part) => part !== "")
    .map(comparableName);
  const name = all.at(-1) ?? "";
  return (
    inside.some((part) => part.startsWith(".")) ||
    all.slice(0, -1).some((part) => FOLDERS.has(part)) ||
    NAMES.has(name) ||
    PATTERNS.some((pattern) => pattern.test(name))
  );
}

/**
 * A name as file systems compare it: macOS ignores case and the form of characters, its older file system also characters that
 * nobody sees, and others ignore dots and spaces at the end.
 */
export function comparableName(name: string): string {
  return foldText(name.replaceAll(/\p{Default_Ignorable_Code_Point}|\p{Cf}/gu, ""))
    .replaceAll("ı", "i")
    .replace(/[. ]+$/, (end) => (end.length === name.length ? end : ""))
    .replace(/^git~\d$/, ".git");
}
