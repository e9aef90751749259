"""What the studio's processes do; the server names these functions (:mod:`sideman.studio.tasks`).

Players improvise and make sound and pages to print; readers read typed changes and engrave for the
screen, so that these never wait for a solo; openers read files.  The last two have bounded memory.
"""
