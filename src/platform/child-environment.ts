/** Environment variables as the edge of the program hands them down. */
type Environment = Readonly<Record<string, string | undefined>>;

declare const CHECKED: unique symbol;

/** What a child process gets. Only this file makes one, so the compiler finds a child that would inherit everything. */
export type ChildEnvironment = Readonly<Record<string, string>> & { readonly [CHECKED]: true };

/**
 * What a child process is for:
 * - `command`: a program that the model proposes and a person approves; it gets no credentials and no route to any
 * - `mcp`: an MCP server that the user lists in a file; secrets come from that file's `env`
 * - `git`: git on the llama.cpp source
 * - `npm`: npm and tar for the fallback source
 * - `install`: the package manager that installs missing tools
 * - `build`: cmake, compilers, and questions to the toolchain
 * - `supervisor`: the process that owns the llama-servers
 * - `gateway`: the process of a detached gateway, which starts a supervisor if none runs
 * - `server`: llama-server, without the settings of `serverSettings`
 * - `desktop`: the clipboard programs
 */
export type ChildPurpose =
  "command" | "mcp" | "git" | "npm" | "install" | "build" | "supervisor" | "gateway" | "server" | "desktop";

/** A name, or the beginning of names: `LC_*`. */
type Variables = readonly string[];

/** What nearly every program needs to find its files, its language and its libraries. */
const BASIC: Variables = [
  "PATH",
  "HOME",
  "USER",
  "LOGNAME",
  "SHELL",
  "TMPDIR",
  "TZ",
  "TZDIR",
  "LANG",
  "LANGUAGE",
  "LC_*",
  "LOCALE_ARCHIVE", // Nix
  "NIX_LD",
  "NIX_LD_LIBRARY_PATH",
  "__CF_USER_TEXT_ENCODING", // macOS: pbcopy reads its input in this encoding
  "XDG_CACHE_HOME",
  "XDG_CONFIG_DIRS",
  "XDG_CONFIG_HOME",
  "XDG_DATA_DIRS",
  "XDG_DATA_HOME",
  "XDG_STATE_HOME",
];

const LIBRARY_PATHS: Variables = ["LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH"];

/** A proxy may hold a password. */
const NETWORK: Variables = [
  "HTTP_PROXY",
  "HTTPS_PROXY",
  "ALL_PROXY",
  "NO_PROXY",
  "http_proxy",
  "https_proxy",
  "all_proxy",
  "no_proxy",
  "SSL_CERT_FILE",
  "SSL_CERT_DIR",
  "CURL_CA_BUNDLE",
  "NODE_EXTRA_CA_CERTS",
  "NODE_USE_SYSTEM_CA",
];

/**
 * The rest of GIT_* stays out: inside a hook, git exports where its repository, its index and its injected settings are
 * (`git rev-parse --local-env-vars`), and a git of ours would write there.
 */
const GIT: Variables = [
  "GIT_CONFIG_GLOBAL",
  "GIT_CONFIG_SYSTEM",
  "GIT_CONFIG_NOSYSTEM",
  "GIT_SSL_CAINFO",
  "GIT_SSL_CAPATH",
  "GIT_SSL_NO_VERIFY", // the tree is pinned, so its origin does not matter
  "GIT_SSH",
  "GIT_SSH_COMMAND",
  "SSH_AUTH_SOCK",
];

/** npm sets further npm_config_* for what it runs, such as the dry run of its own command line. */
const NPM_SETTINGS = [
  "registry",
  "userconfig",
  "globalconfig",
  "cache",
  "proxy",
  "http_proxy",
  "https_proxy",
  "noproxy",
  "ca",
  "cafile",
  "strict_ssl",
  "maxsockets",
  "fetch_timeout",
  "fetch_retries",
];
const NPM: Variables = [
  ...NPM_SETTINGS.map((name) => `npm_config_${name}`),
  ...NPM_SETTINGS.map((name) => `NPM_CONFIG_${name.toUpperCase()}`),
  "NPM_TOKEN", // an .npmrc may refer to it
  "NODE_AUTH_TOKEN",
];

const INSTALL: Variables = ["TERM", "SUDO_ASKPASS", "DEBIAN_FRONTEND", "HOMEBREW_*"];

/** MAKEFLAGS stays out: below `make` it names a job server whose pipes our children do not have. */
const BUILD: Variables = [
  "CC",
  "CXX",
  "AR",
  "RANLIB",
  "LD",
  "CFLAGS",
  "CPPFLAGS",
  "CXXFLAGS",
  "LDFLAGS",
  "CPATH",
  "C_INCLUDE_PATH",
  "CPLUS_INCLUDE_PATH",
  "LIBRARY_PATH",
  "GCC_EXEC_PREFIX",
  "COMPILER_PATH",
  "PKG_CONFIG_PATH",
  "PKG_CONFIG_LIBDIR",
  "CMAKE_*",
  "CCACHE_*",
  "SCCACHE_*",
  "DISTCC_*",
  "CUDACXX",
  "CUDAFLAGS",
  "CUDAARCHS",
  "CUDAHOSTCXX",
  "CUDA_*",
  "NVCC_*",
  "VULKAN_SDK",
  "SDKROOT",
  "DEVELOPER_DIR",
  "MACOSX_DEPLOYMENT_TARGET",
  "NIX_*",
  "CONDA_PREFIX",
  "CONDA_BUILD_SYSROOT",
];

/** Which GPU, driver or library a llama-server uses. LLAMA_ARG_* stays out: it would contradict our command line. */
const SERVER_SETTINGS: Variables = [
  ...LIBRARY_PATHS,
  "CUDA_VISIBLE_DEVICES",
  "CUDA_DEVICE_ORDER",
  "CUDA_SCALE_LAUNCH_QUEUES",
  "NVIDIA_VISIBLE_DEVICES",
  "GGML_CUDA_*",
  "GGML_METAL_*",
  "GGML_VK_*",
  "HIP_VISIBLE_DEVICES",
  "ROCR_VISIBLE_DEVICES",
  "HSA_OVERRIDE_GFX_VERSION",
  "ONEAPI_DEVICE_SELECTOR",
  "VK_DRIVER_FILES",
  "VK_ICD_FILENAMES",
  "VK_LOADER_DRIVERS_DISABLE",
  "VK_LOADER_DRIVERS_SELECT",
  "MESA_VK_DEVICE_SELECT",
  "DRI_PRIME",
  "OMP_NUM_THREADS",
  "OMP_WAIT_POLICY",
  "KMP_BLOCKTIME",
];

const DESKTOP: Variables = ["DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY", "XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS"];

const ALLOWED: Readonly<Record<ChildPurpose, Variables>> = {
  command: [...BASIC, ...LIBRARY_PATHS],
  mcp: [...BASIC, ...LIBRARY_PATHS, ...NETWORK, "TERM"],
  git: [...BASIC, ...LIBRARY_PATHS, ...NETWORK, ...GIT],
  npm: [...BASIC, ...LIBRARY_PATHS, ...NETWORK, ...NPM],
  install: [...BASIC, ...NETWORK, ...INSTALL],
  build: [...BASIC, ...LIBRARY_PATHS, ...BUILD],
  supervisor: [...BASIC, ...LIBRARY_PATHS],
  gateway: [...BASIC, ...SERVER_SETTINGS, "GPT_OSS_CACHE", "GPT_OSS_RUNTIME"],
  server: BASIC,
  desktop: [...BASIC, ...LIBRARY_PATHS, ...DESKTOP],
};

/**
 * The variables that a child process gets: those that programs of its kind need, and no others. A variable that nobody
 * thought of stays out, be it a key or what a git hook exports.
 * @param additions what this one child gets besides
 */
export function childEnvironment(
  purpose: ChildPurpose,
  environment: Environment,
  additions: Readonly<Record<string, string>> = {},
): ChildEnvironment {
  return asChecked({ ...pick(ALLOWED[purpose], environment), ...additions });
}

/**
 * The variables that decide how a llama-server computes. They belong to the server's identity: the supervisor outlives the
 * shell that started it, and another shell may want another GPU.
 */
export function serverSettings(environment: Environment): Readonly<Record<string, string>> {
  const settings = pick(SERVER_SETTINGS, environment);
  // in one order, so that two shells with the same settings share a server
  return Object.fromEntries(Object.entries(settings).toSorted(([one], [other]) => (one < other ? -1 : 1)));
}

/** Variables that llama.cpp reads and that are not handed on, for a person who wonders why they have no effect. */
export function ignoredServerVariables(environment: Environment): readonly string[] {
  const handedOn = pick([...BASIC, ...SERVER_SETTINGS], environment);
  return Object.keys(environment)
    .filter(
      (name) => /^(?:LLAMA_(?!CACHE$)|GGML_)/.test(name) && environment[name] !== undefined && !(name in handedOn),
    )
    .toSorted();
}

/** The user's own interactive program, such as an editor: it gets what any program gets that the user starts. */
export function userProgramEnvironment(environment: Environment): ChildEnvironment {
  return asChecked(pick(["*"], environment));
}

function pick(allowed: Variables, environment: Environment): Record<string, string> {
  const names = new Set(allowed.filter((pattern) => !pattern.endsWith("*")));
  const beginnings = allowed.filter((pattern) => pattern.endsWith("*")).map((pattern) => pattern.slice(0, -1));
  const isAllowed = (name: string) => names.has(name) || beginnings.some((beginning) => name.startsWith(beginning));
  return Object.fromEntries(
    Object.entries(environment).filter(
      // bash exports functions as values that begin like this; no program of ours needs one
      (entry): entry is [string, string] => entry[1] !== undefined && !entry[1].startsWith("()") && isAllowed(entry[0]),
    ),
  );
}

function asChecked(variables: Record<string, string>): ChildEnvironment {
  return variables as unknown as ChildEnvironment;
}
