/// Drawing: roles, rows of cells, the cursor and the frame.
#include "terminal_state.h"

#include <curses.h>
#include <wchar.h>

static struct {
    short pair;
    attr_t attributes;
} roles[BERTH_TERM_ROLES_MAX];

static attr_t attributes_of(uint32_t bits) {
    attr_t attributes = A_NORMAL;
    if (bits & BERTH_TERM_BOLD) attributes |= A_BOLD;
    if (bits & BERTH_TERM_UNDERLINE) attributes |= A_UNDERLINE;
    if (bits & BERTH_TERM_REVERSE) attributes |= A_REVERSE;
    if (bits & BERTH_TERM_ITALIC) attributes |= A_ITALIC;
    if (bits & BERTH_TERM_FAINT) attributes |= A_DIM;
    return attributes;
}

void berth_term_define_role(uint8_t role, int32_t foreground, int32_t background, uint32_t attributes) {
    if (role >= BERTH_TERM_ROLES_MAX) return;
    roles[role].attributes = attributes_of(attributes);
    roles[role].pair = 0;
    int colors = berth_term_colors();
    if (colors == 0) return;
    int pair = role + 1;
    // A colour the terminal does not have would lose the pair; the caller has quantised, this is the last resort.
    if (foreground >= colors) foreground = -1;
    if (background >= colors) background = -1;
    if (pair < COLOR_PAIRS && init_extended_pair(pair, foreground, background) == OK) roles[role].pair = (short)pair;
}

/// Writes one cell as ncurses wants it; returns how many ncurses cells it takes.
static int encode(const berth_term_cell *cell, cchar_t *to) {
    uint8_t role = (uint8_t)cell->style;
    attr_t attributes = attributes_of(cell->style >> 8);
    short pair = 0;
    if (role < BERTH_TERM_ROLES_MAX) {
        attributes |= roles[role].attributes;
        pair = roles[role].pair;
    }
    wchar_t text[3] = {(wchar_t)cell->scalar, (wchar_t)cell->mark, 0};
    // Where the C library counts other columns than we do, ncurses would shift the rest of the row.
    if (wcwidth(text[0]) != cell->width) {
        text[0] = L'?';
        text[1] = 0;
    } else if (text[1] != 0 && wcwidth(text[1]) != 0) {
        text[1] = 0;
    }
    if (setcchar(to, text, attributes, pair, NULL) == ERR) setcchar(to, L"?", attributes, pair, NULL);
    if (cell->width == 2 && text[0] == L'?') {
        to[1] = to[0];
        return 2;
    }
    return 1;
}

void berth_term_put_row(int y, const berth_term_cell *cells, int count) {
    static cchar_t row[BERTH_TERM_COLUMNS_MAX + 1];
    int used = 0;
    if (stdscr == NULL || y < 0 || y >= getmaxy(stdscr)) return;
    for (int i = 0; i < count && used < BERTH_TERM_COLUMNS_MAX; i++)
        if (cells[i].width != 0) used += encode(&cells[i], row + used);
    mvwadd_wchnstr(stdscr, y, 0, row, used);
}

static int cursor_x, cursor_y = -1;

void berth_term_cursor(int y, int x) {
    cursor_y = y;
    cursor_x = x;
}

void berth_term_flush(void) {
    if (stdscr == NULL || berth_term_is_gone()) return;
    bool is_gathered = berth_frame_begin(berth_screen_stream());
    curs_set(cursor_y >= 0 ? 1 : 0);
    if (cursor_y >= 0) wmove(stdscr, cursor_y, cursor_x);
    wnoutrefresh(stdscr);
    doupdate();
    if (is_gathered) berth_frame_end(berth_screen_stream(), berth_screen_fd());
}
