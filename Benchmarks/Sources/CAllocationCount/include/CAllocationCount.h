#ifndef C_ALLOCATION_COUNT_H
#define C_ALLOCATION_COUNT_H

/// Blocks of memory that any thread of this process has asked for so far; a block that grows counts again.
unsigned long pos_allocation_count(void);

#endif
