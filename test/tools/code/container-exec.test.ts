import { execFile } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { mkdir, readFile, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { type Approve, type CreateToolsOptions, createTools } from "../../../src/index.ts";
import {
  bubblewrapCommand,
  findIsolation,
  programFolders,
  sandboxProfile,
} from "../../../src/tools/isolation/isolation.ts";
import { answering, callTool } from "../support/call-tool.ts";
import { type FileFolder, makeFileFolder, SECRET } from "../support/file-folder.ts";

const isolation = await findIsolation(process.env);
/** Attempts to escape need a machine on which there is something to escape from. */
const describeIsolated = isolation.name === "bubblewrap" ? describe : describe.skip;

let folder: FileFolder;
beforeEach(async () => {
  folder = await makeFileFolder();
  await folder.write("a.txt", "one\n");
});
afterEach(async () => {
  await folder.remove();
});

async function exec(input: unknown, approve: Approve = answering("once"), options: CreateToolsOptions = {}) {
  const environment = { ...process.env, SECRET_KEY: "sk-secret", GPT_OSS_DATA: join(folder.around, "data") };
  const all = { approve, environment, ...options };
  const { tools } = await createTools([{ kind: "code", path: folder.root }], all);
  return await callTool(tools, "container_exec", input);
}
const bash = (script: string) => ({ command: ["bash", "-lc", script] });

describe("container.exec", () => {
  it.each<[string, object]>([
    ["an array", { command: ["cat", "a.txt"] }],
    ["a line for a shell", { command: "cat a.txt" }],
    ["the name cmd", { cmd: ["cat", "a.txt"], timeout: 5_000 }],
    ["a folder", { command: ["cat", "../a.txt"], workdir: "sub" }],
  ])("runs a command given as %s", async (_, input) => {
    expect(await exec(input)).toBe("[exit 0]\none\n");
  });

  it("asks each time, with the whole command, whatever was answered before", async () => {
    const approve = answering("session", "refused");
    const environment = { ...process.env, GPT_OSS_DATA: join(folder.around, "data") };
    const { tools } = await createTools([{ kind: "code", path: folder.root }], { approve, environment });
    expect(await callTool(tools, "container_exec", bash("echo 1"))).toBe("[exit 0]\n1\n");
    expect(await callTool(tools, "container_exec", bash("echo 1"))).toMatch(/refused/);
    expect(approve.asked.map(({ detail, scope }) => [detail, scope])).toEqual([
      ["bash -lc 'echo 1'", undefined],
      ["bash -lc 'echo 1'", undefined],
    ]);
  });

  it("runs exactly the commands that were approved in advance unasked", async () => {
    const approve = answering("refused");
    const options = { allow: ["echo 1", "cat 'a b'"] };
    expect(await exec(bash("echo 1"), approve, options)).toBe("[exit 0]\n1\n");
    expect(await exec({ command: ["echo", "1"] }, approve, options)).toBe("[exit 0]\n1\n");
    expect(await exec({ command: ["cat", "a b"] }, approve, options)).toMatch(/exit 1/);
    expect(approve.asked).toEqual([]);
    for (const other of ["echo 1; echo 2", "echo 12", "echo"])
      expect(await exec(bash(other), approve, options)).toMatch(/refused/);
    expect(await exec({ ...bash("echo 1"), network: true }, approve, options)).toMatch(/refused/);
    expect(await exec({ command: ["bash", "-lc", "echo 1", "x"] }, approve, options)).toMatch(/refused/);
  });

  it("tells what is printed while the command runs", async () => {
    const pieces: string[] = [];
    const stop = new AbortController();
    const onOutput = (text: string) => {
      pieces.push(text);
      stop.abort();
    };
    const environment = { ...process.env, GPT_OSS_DATA: join(folder.around, "data") };
    const options = { approve: answering("once"), environment, onOutput };
    const { tools } = await createTools([{ kind: "code", path: folder.root }], options);
    // stopped by the first output: it would run for a minute
    expect(await callTool(tools, "container_exec", bash("echo first; sleep 60"), stop.signal)).toMatch(/abort/i);
    expect(pieces.join("")).toBe("first\n");
  });

  it("ends a command that takes too long", async () => {
    expect(await exec({ ...bash("echo x; sleep 60"), timeout: 1 })).toMatch(/^\[stopped after 1 seconds\]\nx/);
  });

  it.each([
    ["bash", "-lc"],
    ["/bin/sh", "-c"],
  ])("takes apply_patch in a shell for what it is: %s", async (shell, flag) => {
    const patch = "*** Begin Patch\n*** Update File: a.txt\n@@\n-one\n+1\n*** End Patch";
    const approve = answering("once");
    expect(await exec({ command: [shell, flag, `apply_patch <<'EOF'\n${patch}\nEOF\n`] }, approve)).toMatch(/M a\.txt/);
    expect(approve.asked[0]?.detail).toMatch(/-one\n\+1/);
    expect(await readFile(folder.path("a.txt"), "utf8")).toBe("1\n");
  });

  it("asks whether a file that can run programs may stay, and deletes it otherwise", async () => {
    const approve = answering("once", "refused");
    expect(await exec(bash("echo x > .envrc; echo y > b.txt"), approve)).toMatch(/\.envrc/);
    expect(approve.asked[1]?.question).toMatch(/\.envrc/);
    await expect(stat(folder.path(".envrc"))).rejects.toThrow("ENOENT");
    expect(await readFile(folder.path("b.txt"), "utf8")).toBe("y\n");
  });
});

describeIsolated("an isolated command", () => {
  it("changes its folder, but no file there that can run programs", async () => {
    await folder.write("package.json", "{}");
    await folder.write(".git/config", "");
    const script = "echo y > b.txt; echo x > package.json; touch .git/hook; rm -rf .git; mv package.json p; true";
    expect(await exec(bash(script))).toMatch(/\[exit 0\]\n\[only the project/);
    expect(await readFile(folder.path("b.txt"), "utf8")).toBe("y\n");
    expect(await readFile(folder.path("package.json"), "utf8")).toBe("{}");
    await expect(stat(folder.path(".git/hook"))).rejects.toThrow("ENOENT");
  });

  it.each([
    ["the folder beside", "cat ../secret.txt ../root-beside/secret.txt"],
    ["a link that leads there", "ln -s ../secret.txt l; cat l"],
    [
      "the root of another process",
      "cat /proc/1/root/etc/shadow; for p in /proc/[0-9]*; do cat $p/root/etc/shadow; done",
    ],
    ["the users of the machine", "cat /etc/shadow /etc/passwd"],
    ["the home folder", `ls -A ${homedir()}/.ssh ${homedir()}/.config ${homedir()}/.bashrc`],
    ["a mount of its own", "mount -t tmpfs none /mnt && echo the secret; unshare -Ur true && echo the secret"],
    ["the disks", "cat /dev/sda /dev/vda /dev/mem | head -c 10 | wc -c | grep -v '^0' && echo the secret"],
  ])("reads nothing outside: %s", async (_, script) => {
    const result = await exec(bash(script));
    expect(result).not.toContain(SECRET);
    expect(result).not.toMatch(/root:|the secret$/m);
  });

  it("writes nothing outside", async () => {
    await exec(
      bash(
        "echo x > ../secret.txt; echo x > /usr/x; echo x > /etc/x; echo x > /x; echo x > ~/x; echo x > /tmp/gpt-oss-x",
      ),
    );
    expect(await readFile(join(folder.around, "secret.txt"), "utf8")).toBe(SECRET);
    for (const path of ["/usr/x", "/etc/x", "/x", join(homedir(), "x"), "/tmp/gpt-oss-x"])
      await expect(stat(path)).rejects.toThrow("ENOENT");
  });

  it("sees no variable of the user's, no process, and no network unless that was approved", async () => {
    const server = createServer((_request, response) => response.end("reached")).listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const { port } = server.address() as AddressInfo;
    const get = bash(`exec 3<>/dev/tcp/127.0.0.1/${port} && printf 'GET / HTTP/1.0\\r\\n\\r\\n' >&3 && cat <&3`);
    try {
      expect(await exec(get)).not.toContain("reached");
      const approve = answering("once");
      expect(await exec({ ...get, network: true }, approve)).toContain("reached");
      expect(approve.asked[0]?.question).toMatch(/network/);
    } finally {
      server.close();
    }
    expect(await exec(bash("env; cat /proc/*/environ"))).not.toContain("sk-secret");
    expect(await exec(bash(`kill -9 ${process.pid} ${process.ppid}; ls -d /proc/[0-9]* | wc -l`))).toMatch(
      /\n[1-9]\n$/,
    );
  });

  it("takes no more memory for temporary files than its limit, and leaves no process", async () => {
    expect(await exec(bash("head -c 400M /dev/zero > /tmp/big; stat -c %s /tmp/big"))).toMatch(
      /No space left[^]*\n2684\d+\n/,
    );
    await exec(bash("setsid sleep 61.5 & disown; nohup sleep 61.5 & true"));
    const { stdout } = await promisify(execFile)("ps", ["-eo", "args"]);
    expect(stdout).not.toContain("sleep 61.5");
  });
});

describe("the command lines of isolation", () => {
  const isolated = {
    program: "npm",
    words: ["test"],
    workingFolder: "/p",
    writable: { from: "/p", to: "/p" },
    protectedPaths: ["/p/.git"],
    readable: ["/home/me/node"],
    limits: {},
    variables: { PATH: "/usr/bin" },
  };

  it("share the network only when that is asked for", () => {
    expect(bubblewrapCommand(isolated, true).words).not.toContain("--share-net");
    expect(bubblewrapCommand({ ...isolated, network: true }, true).words).toContain("--share-net");
    expect(sandboxProfile(isolated)).not.toContain("network");
    expect(sandboxProfile({ ...isolated, network: true })).toContain("(allow network*)");
  });

  it("of sandbox-exec refuse what is not allowed, and protect files in the folder", () => {
    const profile = sandboxProfile(isolated).split("\n");
    expect(profile[1]).toBe("(deny default)");
    expect(profile.at(-1)).toBe('(deny file-write* (subpath "/p/.git"))');
  });

  it("never show a home folder for the programs in it", async () => {
    const home = folder.path("home");
    await mkdir(`${home}/bin`, { recursive: true });
    await mkdir(`${home}/node/bin`, { recursive: true });
    await mkdir(`${home}/node/lib`);
    const folders = programFolders(
      [`${home}/bin`, `${home}/node/bin`, home, folder.root, "/", "relative", "/usr/bin"].join(":"),
      home,
    );
    expect(folders).toEqual([`${home}/bin`, `${home}/node`]);
  });
});
