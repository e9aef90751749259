"""What the studio's processes do; the server names these functions (:mod:`sideman.studio.tasks`).

Players improvise and make sound and pages to print; readers read files and typed changes, and
engrave for the screen, in bounded memory, so that these never wait for a solo.
"""
