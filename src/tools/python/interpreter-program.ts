/**
 * What runs in the interpreter. It reads a request a line (`{"id", "code", "seconds"}`), and writes all output between two marks that hold the
 * request's id. The code can write such marks too, so what it prints is not trusted, and each request has another id.
 */
export const INTERPRETER_PROGRAM = String.raw`
import ast, json, linecache, os, signal, sys, traceback

requests = os.fdopen(os.dup(0), "r", encoding="utf-8")
os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
os.dup2(1, 2)
sys.stdout = sys.stderr = os.fdopen(1, "w", 1, encoding="utf-8", errors="backslashreplace", closefd=False)
sys.path.insert(0, os.getcwd())
space = {"__name__": "__main__", "__builtins__": __builtins__}


def too_late(number, frame):
    raise TimeoutError("the time for this call is over")


def show(value):
    if value is not None:
        space["_"] = value
        print(repr(value))


def run(code, name):
    linecache.cache[name] = (len(code), None, code.splitlines(True), name)
    tree = ast.parse(code, name)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, name, "exec"), space)
    if last is not None:
        show(eval(compile(ast.Expression(last.value), name, "eval"), space))


def answer(request, count):
    name = "<cell %d>" % count
    signal.signal(signal.SIGALRM, too_late)
    signal.setitimer(signal.ITIMER_REAL, request["seconds"])
    try:
        run(request["code"], name)
    except SystemExit as error:
        if error.code not in (None, 0):
            print("SystemExit:", error.code)
    except BaseException:
        kind, error, trace = sys.exc_info()
        while trace is not None and trace.tb_frame.f_code.co_filename != name:
            trace = trace.tb_next
        traceback.print_exception(kind, error, trace)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


count = 0
for line in requests:
    request = json.loads(line)
    count += 1
    mark = "\x1e" + request["id"]
    os.write(1, (mark + "<").encode())
    answer(request, count)
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except BaseException:
        sys.stdout = sys.stderr = os.fdopen(1, "w", 1, encoding="utf-8", errors="backslashreplace", closefd=False)
    os.write(1, (mark + ">").encode())
`;
