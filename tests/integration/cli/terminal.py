"""Runs a command on a terminal of its own, answers its two questions, and prints all that the terminal showed."""

import os
import pty
import sys
import termios
import time

first, second, *command = sys.argv[1:]
pid, terminal = pty.fork()
if pid == 0:
    os.execv(command[0], command)



def wait_until_it_is_hidden():
    """A person is slower than this; a program is not."""
    while termios.tcgetattr(terminal)[3] & termios.ECHO:
        time.sleep(0.001)


shown = b""
answers = [(b"New password: ", first), (b"The same again: ", second)]
while True:
    try:
        read = os.read(terminal, 4096)
    except OSError:
        # Linux says so when the last program on a terminal has ended.
        break
    if not read:
        break
    shown += read
    if answers and answers[0][0] in shown:
        wait_until_it_is_hidden()
        os.write(terminal, answers.pop(0)[1].encode() + b"\n")
os.write(1, shown)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
