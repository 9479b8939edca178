"""The apps' completion in bash and zsh.

    python completion_test.py APPS

Skipped (exit status 77) where there is no bash or no zsh, but for what needs neither.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from help_test import LONG_OPTION, all_help, run

# Calls the function that the script gives an app, as bash does for the last of $@.
BASH = """
source "$1"; shift
compopt() { :; }
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
read -r _ _ function _ <<<"$(complete -p "$1")"
$function
printf '%s\\n' "${COMPREPLY[@]}"
"""
# A terminal in which zsh, after $1, completes $2; until it shows $3, or 20 seconds.
ZSH = """
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell "PROMPT= RPROMPT=; stty -echo columns 200; autoload -Uz compinit; compinit -u -D"
zpty -w shell "setopt no_list_beep; zstyle ':completion:*' list-prompt ''; LISTMAX=1000"
zpty -w shell "source $1"
zpty -w shell "print READY"
while zpty -r shell line; do [[ $line == *READY* ]] && break; done
zpty -n -w shell "$2"$'\\t\\t'
for _ in {1..200}; do
  while zpty -r -t shell more; do out+=$more; done
  [[ $out == *$3* ]] && break
  sleep 0.1
done
print -r -- "$out"
"""


def script_of(app, shell, folder):
    status, text, errors = run(app, "--completion", shell)
    assert (status, errors) == (0, ""), (app.name, errors)
    path = folder / f"{app.name}.{shell}"
    path.write_text(text)
    return path


def complete(script, *words, folder):
    """The words that bash offers in the place of the last one."""
    done = subprocess.run(["bash", "-c", BASH, "bash", script, *words], capture_output=True,
                          text=True, cwd=folder)
    assert done.returncode == 0 and not done.stderr, (words, done.stderr)
    return set(done.stdout.split())


def check_bash(apps, folder):
    scripts = {app.name: script_of(app, "bash", folder) for app in apps}
    (folder / "faces.csv").touch()
    ask = lambda *words: complete(scripts[words[0]], *words, folder=folder)
    for app in apps:
        offered = ask(app.name, "-")
        assert {"--help", "--version"} <= offered <= set(LONG_OPTION.findall(all_help(app))) | {
            "-h", "-o"}, (app.name, offered)
    assert ask("mobireg-train", "fa") == {"faces.csv"}
    assert ask("mobireg-train", "--pri") == {"--print-config"}
    assert ask("mobireg-train", "a.json", "--set", "training.optimizer.beta") == {
        "training.optimizer.beta_1=", "training.optimizer.beta_2="}
    assert ask("mobireg-train", "--set", "data.csv", "=", "fa") == {"faces.csv"}
    assert ask("mobireg-evaluate", "a", "--rows", "") == {"train", "validation", "test"}
    assert ask("mobireg-evaluate", "a", "--rows", "=", "va") == {"validation"}
    assert ask("mobireg-evaluate", "a", "--rows", "=") == {"train", "validation", "test"}
    assert ask("mobireg-evaluate", "a", "--threads", "") == set()
    assert ask("mobireg-import", "b") == {"biwi"}
    assert ask("mobireg-bench", "") == {"data", "train", "infer"}
    assert ask("mobireg-bench", "data", "--mode", "") == {"auto", "memory", "stream"}
    assert ask("mobireg-bench", "infer", "--lib") == {"--libtorch"}
    assert ask("mobireg-bench", "infer", "--mode", "x") == set()


def check_zsh(apps, folder):
    for app in apps:
        script = script_of(app, "zsh", folder)
        assert script.read_text().startswith(f"#compdef {app.name}\n"), app
        done = subprocess.run(["zsh", "-n", script], capture_output=True, text=True)
        assert done.returncode == 0 and not done.stderr, (app.name, done.stderr)
    for name, typed, wanted in [
            ("mobireg-train", "mobireg-train --pri", "--print-config"),
            ("mobireg-train", "mobireg-train --set training.optimizer.beta_", "beta_2"),
            ("mobireg-evaluate", "mobireg-evaluate a --rows ", "validation"),
            ("mobireg-bench", "mobireg-bench ", "infer"),
            ("mobireg-bench", "mobireg-bench data --mode ", "stream")]:
        done = subprocess.run(["zsh", "-f", "-c", ZSH, "zsh", folder / f"{name}.zsh", typed,
                               wanted], capture_output=True, text=True, cwd=folder, timeout=60)
        assert wanted in done.stdout, (typed, done.stdout, done.stderr)


def main():
    apps = sorted(path for path in Path(sys.argv[1]).glob("mobireg-*") if path.is_file())
    assert len(apps) >= 9, apps
    status, output, errors = run(apps[0], "--completion", "fish")
    assert (status, output) == (2, "") and "fish not in {bash,zsh}" in errors, errors
    missing = []
    with tempfile.TemporaryDirectory() as folder:
        for shell, check in [("bash", check_bash), ("zsh", check_zsh)]:
            if shutil.which(shell):
                check(apps, Path(folder))
            else:
                missing.append(shell)
    if missing:
        print(f"skipped: there is no {', '.join(missing)}")
        sys.exit(77)


if __name__ == "__main__":
    main()
