# Runs a command in a terminal of its own and prints what is shown there. Once a text shows, keys are pressed.
# Arguments: the text to wait for, the keys, the command.
import fcntl
import os
import pty
import struct
import sys
import termios

wanted, keys, command = sys.argv[1].encode(), sys.argv[2].encode(), sys.argv[3:]
child, terminal = pty.fork()
if child == 0:
    os.execvp(command[0], command)
# Without a size the CLI takes it for no terminal, and redraws nothing.
fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 60, 200, 0, 0))

shown = b""
pressed = False
while True:
    try:
        part = os.read(terminal, 65536)
    except OSError:
        break
    if not part:
        break
    shown += part
    sys.stdout.buffer.write(part)
    sys.stdout.flush()
    if not pressed and wanted in shown:
        pressed = True
        # Marks what was on the screen when the keys were pressed.
        sys.stdout.buffer.write(b"\n<keys>\n")
        os.write(terminal, keys)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
