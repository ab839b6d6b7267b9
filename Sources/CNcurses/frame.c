/// One frame, one write. ncurses sends its output each time the cursor has moved, some dozens of times a frame, and each of
/// those wakes the other side of a terminal, which then takes the processor that the frame is drawn on.
#include "terminal_state.h"

#include <errno.h>
#include <poll.h>
#include <sys/mman.h>
#include <unistd.h>
#include <fcntl.h>

enum {
    FRAME_BYTES_KEPT = 1 << 20,  ///< Of the file that frames are gathered in; a larger one is cut after its frame.
    PIECE_BYTES = 64 * 1024,
};

static int gathered = -1;

bool berth_frame_begin(int stream) {
    if (gathered < 0) gathered = memfd_create("frame", MFD_CLOEXEC);
    return gathered >= 0 && lseek(gathered, 0, SEEK_SET) == 0 && dup3(gathered, stream, O_CLOEXEC) >= 0;
}

/// Waits for a terminal that takes nothing now; false where it is gone.
static bool send_piece(int terminal, const char *bytes, size_t count) {
    while (count > 0) {
        ssize_t sent = write(terminal, bytes, count);
        if (sent >= 0) {
            bytes += sent;
            count -= (size_t)sent;
        } else if (errno == EAGAIN) {
            struct pollfd ready = {terminal, POLLOUT, 0};
            poll(&ready, 1, -1);
        } else if (errno != EINTR) {
            return false;
        }
    }
    return true;
}

void berth_frame_end(int stream, int terminal) {
    static char piece[PIECE_BYTES];
    off_t end = lseek(gathered, 0, SEEK_CUR), at = 0;
    // Given back by a crash or an end in the meantime: then the screen is not ours any more.
    if (!berth_crash_is_armed()) return;
    dup3(terminal, stream, O_CLOEXEC);
    while (at < end) {
        size_t wanted = end - at < PIECE_BYTES ? (size_t)(end - at) : PIECE_BYTES;
        ssize_t count = pread(gathered, piece, wanted, at);
        if (count <= 0 || !send_piece(terminal, piece, (size_t)count)) break;
        at += count;
    }
    if (end > FRAME_BYTES_KEPT) (void)!ftruncate(gathered, 0);
}
