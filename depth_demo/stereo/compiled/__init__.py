"""Semi-global matching with the disparities of OpenCV's, in C that is compiled for the processor at hand.

OpenCV's packages are built for any x86-64 processor, with vectors of 16 bytes. The same sums with the vectors of this
processor, and with fewer ways through the memory, take less time. Without a C compiler OpenCV matches.
"""
