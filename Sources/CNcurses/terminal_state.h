/// What the files of this target share. Everything here belongs to the terminal's thread, except what signal handlers
/// touch, which is atomic or written before they are installed.
#ifndef BERTH_TERMINAL_STATE_H
#define BERTH_TERMINAL_STATE_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <stdbool.h>
#include <stdint.h>
#include <termios.h>

#include "CNcurses.h"

/// Installs our handlers; to be called before ncurses starts, which then leaves those signals alone.
void berth_signals_install(void);
/// Whether a signal that ends the process waits to be taken.
bool berth_signals_end_pending(void);
/// Puts back the handlers that were there before.
void berth_signals_remove(void);
/// Prepares what a crash handler needs and may not compute: the terminal's modes as they were, the bytes that bring its
/// screen back, and the line to print. `drawn_on` is what ncurses writes to.
void berth_crash_prepare(
    const struct termios *modes, const char *bytes, int count, int saved_output, int saved_error, int drawn_on,
    const char *log_path);
/// Whether a crash would find the terminal to be ours.
void berth_crash_arm(bool armed);
bool berth_crash_is_armed(void);

/// Gathers what is written to a descriptor from now on; false where that cannot be, and it goes out as before.
bool berth_frame_begin(int stream);
/// Sends what was gathered to the terminal, and has the descriptor lead there again.
void berth_frame_end(int stream, int terminal);

/// Reading keys: sets up the window that is read from.
bool berth_keys_open(void);
void berth_keys_close(void);
/// Asks the terminal to mark pasted text, or not to.
void berth_keys_set_paste(bool on);

/// Leaves the screen to somebody else, in the modes the user had, and takes it back.
void berth_screen_suspend(void);
void berth_screen_resume(void);
/// The terminal as a descriptor that stays valid while standard output is redirected; -1 when closed.
int berth_screen_fd(void);
/// The descriptor that ncurses writes to; -1 when closed.
int berth_screen_stream(void);

#endif
