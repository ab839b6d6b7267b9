/// The terminal, behind a few C functions. This target is the only user of <curses.h>, and this header does not include
/// it, so none of its macros and global names reach Swift.
///
/// One thread owns the terminal: it calls berth_term_open and every other function here, except berth_term_wake, which
/// any thread and any signal handler may call. One terminal per process.
#ifndef BERTH_CNCURSES_H
#define BERTH_CNCURSES_H

#include <stdbool.h>
#include <stdint.h>

/// One character cell. `width` is 1, 2 for a wide character, 0 for the cell that is its right half.
/// `style` holds the role in its low and BERTH_TERM_BOLD and the like in its high eight bits.
typedef struct {
    uint32_t scalar, mark;
    uint16_t style;
    uint8_t width;
} berth_term_cell;

enum {
    BERTH_TERM_BOLD = 1,
    BERTH_TERM_UNDERLINE = 2,
    BERTH_TERM_REVERSE = 4,
    BERTH_TERM_ITALIC = 8,
    BERTH_TERM_FAINT = 16,
};

enum {
    BERTH_TERM_ROLES_MAX = 64,     ///< Roles that can be defined.
    BERTH_TERM_COLUMNS_MAX = 1000, ///< Cells of one row that are drawn.
};

/// What an event is; `code` holds the scalar of a character or of the letter typed with ctrl, the number of a function
/// key, the mouse action.
typedef enum {
    BERTH_TERM_NOTHING,
    BERTH_TERM_CHARACTER,
    BERTH_TERM_CTRL,
    BERTH_TERM_FUNCTION,
    BERTH_TERM_ENTER,
    BERTH_TERM_ESCAPE,
    BERTH_TERM_TAB,
    BERTH_TERM_BACK_TAB,
    BERTH_TERM_UP,
    BERTH_TERM_DOWN,
    BERTH_TERM_LEFT,
    BERTH_TERM_RIGHT,
    BERTH_TERM_PAGE_UP,
    BERTH_TERM_PAGE_DOWN,
    BERTH_TERM_HOME,
    BERTH_TERM_END,
    BERTH_TERM_INSERT,
    BERTH_TERM_DELETE,
    BERTH_TERM_BACKSPACE,
    BERTH_TERM_MOUSE,
    BERTH_TERM_PASTE_BEGIN,
    BERTH_TERM_PASTE_END,
} berth_term_kind;

typedef enum {
    BERTH_TERM_PRESS_LEFT,
    BERTH_TERM_PRESS_MIDDLE,
    BERTH_TERM_PRESS_RIGHT,
    BERTH_TERM_RELEASE,
    BERTH_TERM_WHEEL_UP,
    BERTH_TERM_WHEEL_DOWN,
} berth_term_mouse;

typedef struct {
    berth_term_kind kind;
    uint32_t code;
    int32_t x, y;
} berth_term_event;

typedef enum {
    BERTH_TERM_COLOR_NEVER,
    BERTH_TERM_COLOR_AUTO, ///< Colours unless the environment variable NO_COLOR is set and not empty.
    BERTH_TERM_COLOR_ALWAYS,
} berth_term_color;

typedef struct {
    berth_term_color color;
    bool mouse;
    int log_fd;           ///< Where writes to standard output and error go meanwhile; -1 for nowhere.
    const char *log_path; ///< Named in the line a crash prints; NULL for none.
} berth_term_options;

/// How many of each signal came since the last call.
typedef struct {
    uint32_t resize, resume, terminate, interrupt, hangup;
} berth_term_signals;

/// Takes the terminal. Returns NULL, or the reason why not, in which case nothing was drawn or changed.
const char *berth_term_open(const berth_term_options *options);
/// Gives the terminal back as it was, and standard output and error with it. Does nothing when none is open.
void berth_term_close(void);
/// What the user should know about the terminal, such as a TERM that was replaced; NULL for nothing.
const char *berth_term_notice(void);

/// The terminal's size in cells; 0 when none is open.
int berth_term_rows(void);
int berth_term_columns(void);
/// Whether the terminal takes UTF-8.
bool berth_term_utf8(void);
/// Colours: 0, 8, 16, 256 (also for 88 and more), or 1 << 24 for direct colour.
int berth_term_colors(void);

/// Says how `role` looks. A colour is -1 for the terminal's own, an index, or 0xRRGGBB with direct colour; `attributes`
/// are BERTH_TERM_BOLD and the like.
void berth_term_define_role(uint8_t role, int32_t foreground, int32_t background, uint32_t attributes);
/// Puts the `count` cells of row `y` into the next frame.
void berth_term_put_row(int y, const berth_term_cell *cells, int count);
/// Shows the cursor at a cell, or hides it when `y` is negative.
void berth_term_cursor(int y, int x);
/// Sends the frame to the terminal; only what changed is written.
void berth_term_flush(void);
/// Makes the next flush write everything.
void berth_term_redraw_all(void);
/// Takes over the size the terminal has now.
void berth_term_apply_resize(void);
/// Takes mouse events, or leaves the mouse to the terminal.
void berth_term_set_mouse(bool on);
/// Sounds the bell.
void berth_term_bell(void);

/// The next key or mouse event; false when there is none. Never waits longer than it takes to tell Escape from the
/// start of a key's sequence, 25 ms.
bool berth_term_next_event(berth_term_event *event);
/// Sleeps until input, a wake-up, a signal or `timeout_ms`; -1 for no limit.
void berth_term_wait(int timeout_ms);
/// Ends berth_term_wait. Callable from any thread and from signal handlers, before opening and after closing too.
void berth_term_wake(void);
/// Returns the signals that came and forgets them. A terminal that is gone counts as a hang-up.
berth_term_signals berth_term_take_signals(void);
/// Whether the terminal is gone, so that drawing has no purpose any more.
bool berth_term_is_gone(void);

/// Writes bytes past ncurses, for sequences it does not know, such as OSC 52.
void berth_term_write_raw(const char *bytes, int count);
/// Runs the user's shell on the terminal until it ends, after printing `notice`. Returns 0 and the exit status, or an
/// errno. SIGTERM and SIGHUP hang the shell up.
int berth_term_shell(const char *notice, int *status);
/// Runs `program` (looked up in PATH) with `arguments` (ending in NULL), feeds it `bytes` and waits at most
/// `timeout_ms`. Returns its exit status, or -1 when it could not be run, did not read all or took too long.
int berth_term_pipe(const char *program, const char *const *arguments, const char *bytes, int count, int timeout_ms);
/// Names the calling thread, at most 15 bytes.
void berth_term_name_thread(const char *name);

#endif
