import type { ErrorDetail, GptOssError } from "../src/errors/errors.ts";
import { createError, type LocalizedText, errorDetail } from "../src/i18n/error-messages.ts";
import { childEnvironment } from "../src/platform/child-environment.ts";
import { type Command, runCommand } from "../src/platform/child-process.ts";
import { findNvcc, listOfMissing, type Machine, missingForVulkan, type Platform } from "../src/platform/platform.ts";

/** A C++17 program: the compiler is asked to read it, not merely to say its version. */
const CXX17_PROGRAM = "#include <optional>\nint main() { if (std::optional<int> value = 0; value) return *value; }\n";

export type ToolName = "git" | "cmake" | "compiler" | "make" | "cuda" | "vulkan";

interface Tool {
  readonly name: ToolName;
  /** What was found, "cmake 3.25.1"; absent when it is missing or too old. */
  readonly found?: LocalizedText;
  /** What is wrong, "cmake 3.10 is older than 3.14". */
  readonly problem?: ErrorDetail;
}

/** Packages by package manager; the first installed manager is the one to name. */
const PACKAGES: readonly {
  readonly manager: string;
  readonly install: readonly string[];
  readonly names: Readonly<Record<ToolName, string>>;
}[] = [
  {
    manager: "apt-get",
    install: ["apt-get", "install", "-y"],
    names: {
      git: "git",
      cmake: "cmake",
      compiler: "g++",
      make: "make",
      cuda: "nvidia-cuda-toolkit",
      vulkan: "libvulkan-dev glslc spirv-headers",
    },
  },
  {
    manager: "dnf",
    install: ["dnf", "install", "-y"],
    names: {
      git: "git",
      cmake: "cmake",
      compiler: "gcc-c++",
      make: "make",
      cuda: "cuda-toolkit",
      vulkan: "vulkan-headers vulkan-loader-devel glslc spirv-headers-devel",
    },
  },
  {
    manager: "pacman",
    install: ["pacman", "-S", "--needed", "--noconfirm"],
    names: {
      git: "git",
      cmake: "cmake",
      compiler: "gcc",
      make: "make",
      cuda: "cuda",
      vulkan: "vulkan-headers vulkan-icd-loader shaderc spirv-headers",
    },
  },
];

/** The exact command that installs what is missing on this machine; undefined where none is known. */
export function installCommand(missing: readonly ToolName[], machine: Machine): Command | undefined {
  if (machine.system === "darwin") {
    // git, make and the compiler come with Apple's command line tools, cmake does not
    if (missing.some((tool) => tool !== "cmake")) return { program: "xcode-select", arguments: ["--install"] };
    return { program: "brew", arguments: ["install", "cmake"] };
  }
  const known = PACKAGES.find(({ manager }) => machine.find(manager) !== undefined);
  if (known === undefined) return undefined;
  const packages = missing.flatMap((tool) => known.names[tool].split(" "));
  const [program = "", ...words] = [...(machine.isRoot ? [] : ["sudo"]), ...known.install, ...packages];
  return { program, arguments: words };
}

/** Looks for git, cmake, a C++17 compiler, make or ninja, and what the backend needs. */
export async function inspectToolchain(
  platform: Platform,
  machine: Machine,
  signal?: AbortSignal,
): Promise<readonly Tool[]> {
  const tools = [
    await inspectGit(machine),
    await inspectCmake(platform, machine),
    await inspectCompiler(machine, signal),
    inspectMake(machine),
  ];
  if (platform.backend === "cuda") tools.push(inspectCuda(machine));
  if (platform.backend === "vulkan") tools.push(inspectVulkan(machine));
  return tools;
}

async function inspectGit(machine: Machine): Promise<Tool> {
  const version = /git version (\S+)/.exec((await machine.run("git", "--version")) ?? "")?.[1];
  return version ? { name: "git", found: `git ${version}` } : { name: "git", problem: errorDetail("gitMissing") };
}

/** Smallest cmake by backend: CMakeLists.txt:1 of llama.cpp, ggml-cuda and ggml-vulkan (v0.5.0). */
const CMAKE_MINOR: Readonly<Record<Platform["backend"], number>> = { cpu: 14, metal: 14, cuda: 18, vulkan: 19 };

async function inspectCmake(platform: Platform, machine: Machine): Promise<Tool> {
  const version = /cmake version (\d+)\.(\d+)\S*/.exec((await machine.run("cmake", "--version")) ?? "");
  if (!version) return { name: "cmake", problem: errorDetail("cmakeMissing") };
  const [text, major, minor] = [version[0], Number(version[1]), Number(version[2])];
  const needed = CMAKE_MINOR[platform.backend];
  if (major < 3 || (major === 3 && minor < needed)) {
    return { name: "cmake", problem: errorDetail("cmakeOld", text, needed) };
  }
  return { name: "cmake", found: text.replace("version ", "") };
}

async function inspectCompiler(machine: Machine, signal?: AbortSignal): Promise<Tool> {
  const { environment } = machine;
  const named =
    environment["CXX"]?.trim() || ["c++", "g++", "clang++"].find((name) => machine.find(name) !== undefined);
  if (named === undefined) return { name: "compiler", problem: errorDetail("compilerMissing") };
  const [program, ...words] = compilerWords(named, machine);
  const compile = { program, arguments: [...words, "-std=c++17", "-fsyntax-only", "-x", "c++", "-"] };
  const { status } = await runCommand(compile, {
    environment: childEnvironment("build", environment),
    signal,
    input: CXX17_PROGRAM,
  });
  if (status !== 0) return { name: "compiler", problem: errorDetail("noCpp17", named) };
  const version = (await machine.run(program, ...words, "--version"))?.split("\n")[0]?.trim() ?? named;
  return { name: "compiler", found: version };
}

/** CXX may hold words after the program, as in `ccache g++` or `g++ -m64`; cmake reads it in the same way. */
function compilerWords(named: string, machine: Machine): readonly [program: string, ...words: string[]] {
  if (machine.exists(named)) return [named];
  const [program = named, ...words] = named.split(/\s+/);
  return [program, ...words];
}

function inspectMake(machine: Machine): Tool {
  const program = ["make", "ninja"].find((name) => machine.find(name) !== undefined);
  return program ? { name: "make", found: program } : { name: "make", problem: errorDetail("makeMissing") };
}

function inspectCuda(machine: Machine): Tool {
  const nvcc = findNvcc(machine);
  return nvcc ? { name: "cuda", found: nvcc } : { name: "cuda", problem: errorDetail("nvccMissing") };
}

function inspectVulkan(machine: Machine): Tool {
  const missing = missingForVulkan(machine).filter((part) => part !== "gpuDevice");
  return missing.length === 0
    ? { name: "vulkan", found: errorDetail("vulkanTools") }
    : { name: "vulkan", problem: errorDetail("vulkanMissing", listOfMissing(missing)) };
}

/** The failure that names what is missing and the command that installs it. */
export function toolchainMissing(tools: readonly Tool[], install: string | undefined): GptOssError {
  const problems = tools.flatMap((tool) => tool.problem ?? []).reduce((one, other) => errorDetail("both", one, other));
  return install ? createError("toolchainMissing", [problems, install]) : createError("toolchainUnknown", [problems]);
}
