/* Pieces of memory from the system: zeroed, in large pages where Linux has them, and given back at once. */
#ifndef MEMORY_H
#define MEMORY_H

#include <stddef.h>
#include <sys/mman.h>

static inline void *claim(size_t bytes)
{
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return NULL;
#ifdef MADV_HUGEPAGE
    madvise(memory, bytes, MADV_HUGEPAGE); /* else a third of the time goes into 4-KB pages */
#endif
    return memory;
}

static inline void give_back(void *memory, size_t bytes)
{
    if (memory) munmap(memory, bytes);
}

/* Parts of a piece, each at a multiple of 64 bytes. */
static inline size_t room_for(size_t bytes) { return (bytes + 63) / 64 * 64; }

static inline void *take(char **room, size_t bytes)
{
    void *here = *room;
    *room += room_for(bytes);
    return here;
}

#endif
