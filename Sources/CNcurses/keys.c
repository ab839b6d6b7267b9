/// Keys and the mouse, from ncurses' numbers to ours.
#include "terminal_state.h"

#include <curses.h>
#include <wchar.h>

/// Keys are read from a window of their own, since reading from the screen would refresh it.
static WINDOW *input;

enum { KEY_PASTE_BEGIN = KEY_MAX + 200, KEY_PASTE_END };

bool berth_keys_open(void) {
    input = newpad(1, 1);
    if (input == NULL) return false;
    keypad(input, TRUE);
    nodelay(input, TRUE);
    // Terminals that stay in normal mode send these for keys that terminfo knows in application mode.
    static const struct {
        const char *bytes;
        int key;
    } normal[] = {
        {"\033[A", KEY_UP}, {"\033[B", KEY_DOWN}, {"\033[C", KEY_RIGHT}, {"\033[D", KEY_LEFT},
        {"\033[H", KEY_HOME}, {"\033[F", KEY_END}, {"\033[1~", KEY_HOME}, {"\033[4~", KEY_END},
        {"\033[Z", KEY_BTAB},
    };
    for (size_t i = 0; i < sizeof normal / sizeof *normal; i++)
        if (key_defined(normal[i].bytes) == 0) define_key(normal[i].bytes, normal[i].key);
    define_key("\033[200~", KEY_PASTE_BEGIN);
    define_key("\033[201~", KEY_PASTE_END);
    return true;
}

void berth_keys_close(void) {
    if (input != NULL) delwin(input);
    input = NULL;
}

static berth_term_kind key_kind(wint_t code) {
    switch (code) {
    case KEY_UP: return BERTH_TERM_UP;
    case KEY_DOWN: return BERTH_TERM_DOWN;
    case KEY_LEFT: return BERTH_TERM_LEFT;
    case KEY_RIGHT: return BERTH_TERM_RIGHT;
    case KEY_PPAGE: return BERTH_TERM_PAGE_UP;
    case KEY_NPAGE: return BERTH_TERM_PAGE_DOWN;
    case KEY_HOME: return BERTH_TERM_HOME;
    case KEY_END: return BERTH_TERM_END;
    case KEY_IC: return BERTH_TERM_INSERT;
    case KEY_DC: return BERTH_TERM_DELETE;
    case KEY_BACKSPACE: return BERTH_TERM_BACKSPACE;
    case KEY_BTAB: return BERTH_TERM_BACK_TAB;
    case KEY_ENTER: return BERTH_TERM_ENTER;
    case KEY_PASTE_BEGIN: return BERTH_TERM_PASTE_BEGIN;
    case KEY_PASTE_END: return BERTH_TERM_PASTE_END;
    default: return BERTH_TERM_NOTHING;
    }
}

/// Events ncurses read in one go. It announces them once and hands the newest out first.
enum { MOUSE_EVENTS_MAX = 8 };
static MEVENT mouse_events[MOUSE_EVENTS_MAX];
static int mouse_count;

static void collect_mouse(void) {
    mouse_count = 0;
    while (mouse_count < MOUSE_EVENTS_MAX && getmouse(&mouse_events[mouse_count]) == OK) mouse_count++;
}

/// Takes the oldest collected event.
static void take_mouse(berth_term_event *event) {
    if (mouse_count == 0) return;
    MEVENT mouse = mouse_events[--mouse_count];
    event->x = mouse.x;
    event->y = mouse.y;
    event->kind = BERTH_TERM_MOUSE;
    if (mouse.bstate & BUTTON1_PRESSED) {
        event->code = BERTH_TERM_PRESS_LEFT;
    } else if (mouse.bstate & BUTTON2_PRESSED) {
        event->code = BERTH_TERM_PRESS_MIDDLE;
    } else if (mouse.bstate & BUTTON3_PRESSED) {
        event->code = BERTH_TERM_PRESS_RIGHT;
    } else if (mouse.bstate & BUTTON4_PRESSED) {
        event->code = BERTH_TERM_WHEEL_UP;
    } else if (mouse.bstate & BUTTON5_PRESSED) {
        event->code = BERTH_TERM_WHEEL_DOWN;
    } else if (mouse.bstate & (BUTTON1_RELEASED | BUTTON2_RELEASED | BUTTON3_RELEASED)) {
        event->code = BERTH_TERM_RELEASE;
    } else {
        event->kind = BERTH_TERM_NOTHING;
    }
}

/// A character below 0x80: a control character is a key or a letter typed with ctrl.
static void read_ascii(wint_t code, berth_term_event *event) {
    event->kind = BERTH_TERM_CTRL;
    switch (code) {
    case 0: event->code = ' '; return;
    case '\b': case 127: event->kind = BERTH_TERM_BACKSPACE; return;
    case '\t': event->kind = BERTH_TERM_TAB; return;
    case '\n': case '\r': event->kind = BERTH_TERM_ENTER; return;
    case 27: event->kind = BERTH_TERM_ESCAPE; return;
    default: break;
    }
    if (code < 27) {
        event->code = (uint32_t)code + 'a' - 1;
    } else if (code < 32) {
        event->code = (uint32_t)code + '@';
    } else {
        event->kind = BERTH_TERM_CHARACTER;
        event->code = (uint32_t)code;
    }
}

bool berth_term_next_event(berth_term_event *event) {
    *event = (berth_term_event){.kind = BERTH_TERM_NOTHING};
    wint_t code = 0;
    if (input == NULL || berth_term_is_gone()) return false;
    if (mouse_count > 0) {
        take_mouse(event);
        return true;
    }
    int kind = wget_wch(input, &code);
    if (kind == ERR) return false;
    if (kind != KEY_CODE_YES) {
        if (code < 0x80) {
            read_ascii(code, event);
        } else if (code >= 0xA0) {
            event->kind = BERTH_TERM_CHARACTER;
            event->code = (uint32_t)code;
        }
    } else if (code == KEY_MOUSE) {
        collect_mouse();
        take_mouse(event);
    } else if (code > KEY_F0 && code <= KEY_F(63)) {
        event->kind = BERTH_TERM_FUNCTION;
        event->code = (uint32_t)(code - KEY_F0);
    } else {
        event->kind = key_kind(code);
    }
    return true;
}

void berth_term_set_mouse(bool on) {
    mmask_t presses = BUTTON1_PRESSED | BUTTON2_PRESSED | BUTTON3_PRESSED | BUTTON4_PRESSED | BUTTON5_PRESSED;
    mmask_t releases = BUTTON1_RELEASED | BUTTON2_RELEASED | BUTTON3_RELEASED;
    // No waiting for clicks: a press is reported when it happens.
    mouseinterval(0);
    mousemask(on ? presses | releases : 0, NULL);
}

void berth_keys_set_paste(bool on) {
    berth_term_write_raw(on ? "\033[?2004h" : "\033[?2004l", 8);
}
