// What the C library says about its allocator; not part of the module Glibc.
#include <malloc.h>
