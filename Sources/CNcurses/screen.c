/// Opening and closing the terminal, its size, and leaving it to somebody else.
#include "terminal_state.h"

#include <curses.h>
#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <term.h>
#include <termios.h>
#include <unistd.h>

enum { ESCAPE_DELAY_MS = 25 };

static SCREEN *screen;
static FILE *output;
static int saved_output = -1, saved_error = -1;
static struct termios modes_before;
static bool utf8, mouse_on, marks_paste;
static int colors;
static char notice[256];
static bool can_redirect_error;

/// The reason why this process cannot have a terminal here, or NULL.
static const char *refusal(void) {
    static char reason[256];
    if (!isatty(STDIN_FILENO)) return "standard input is not a terminal";
    if (!isatty(STDOUT_FILENO)) return "standard output is not a terminal";
    const char *term = getenv("TERM");
    if (term == NULL || *term == '\0') return "the environment variable TERM is not set";
    if (strcmp(term, "dumb") == 0) return "TERM is dumb, a terminal that cannot place text";
    pid_t foreground = tcgetpgrp(STDIN_FILENO);
    if (foreground > 0 && foreground != getpgrp()) return "this is a background job; bring it back with fg";
    int error = 0;
    if (setupterm(NULL, STDOUT_FILENO, &error) == OK) {
        bool places = cursor_address != NULL;
        del_curterm(cur_term);
        if (places) return NULL;
        snprintf(reason, sizeof reason, "TERM is %.64s, a terminal that cannot place text", term);
        return reason;
    }
    if (setupterm("xterm-256color", STDOUT_FILENO, &error) == OK) {
        del_curterm(cur_term);
        snprintf(notice, sizeof notice, "TERM=%.64s is not known here; using xterm-256color", term);
        return NULL;
    }
    snprintf(reason, sizeof reason, "TERM is %.64s, and neither it nor xterm-256color is in the terminfo database",
        term);
    return reason;
}

static void choose_locale(void) {
    // Only the character set: another decimal point would change what the rest of the process reads and writes.
    setlocale(LC_CTYPE, "");
    utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
    if (!utf8 && setlocale(LC_CTYPE, "C.UTF-8") != NULL) utf8 = true;
}

static char restore_bytes[1024];
static int restore_count;

static int keep_byte(int byte) {
    if (restore_count < (int)sizeof restore_bytes) restore_bytes[restore_count++] = (char)byte;
    return byte;
}

static void keep(const char *bytes) {
    if (bytes != NULL && bytes != (char *)-1) tputs(bytes, 1, keep_byte);
}

/// What a crash handler has to write to get the user's screen back.
static void prepare_crash(const char *log_path) {
    restore_count = 0;
    if (marks_paste) keep("\033[?2004l\033[?1006l\033[?1003l\033[?1002l\033[?1000l");
    keep(exit_attribute_mode);
    keep(orig_pair);
    keep(keypad_local);
    keep(cursor_normal);
    keep(exit_ca_mode);
    berth_crash_prepare(
        &modes_before, restore_bytes, restore_count, saved_output, saved_error, fileno(output), log_path);
}

static void redirect(int log_fd) {
    fflush(stdout);
    int sink = log_fd >= 0 ? dup(log_fd) : open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (sink < 0) return;
    dup2(sink, STDOUT_FILENO);
    // A standard error the user has sent elsewhere stays there.
    can_redirect_error = isatty(saved_error);
    if (can_redirect_error) dup2(sink, STDERR_FILENO);
    close(sink);
    // A file is fully buffered by default, and a log must not lag behind.
    setvbuf(stdout, NULL, _IOLBF, 0);
}

static void restore_output(void) {
    fflush(stdout);
    dup2(saved_output, STDOUT_FILENO);
    if (can_redirect_error) dup2(saved_error, STDERR_FILENO);
}

static void start_colors(berth_term_color wanted) {
    const char *no_color = getenv("NO_COLOR");
    bool refused = wanted == BERTH_TERM_COLOR_AUTO && no_color != NULL && *no_color != '\0';
    colors = 0;
    if (wanted == BERTH_TERM_COLOR_NEVER || refused || !has_colors() || start_color() == ERR) return;
    use_default_colors();
    colors = COLORS >= 1 << 24 ? 1 << 24 : COLORS >= 256 ? 256 : COLORS >= 16 ? 16 : COLORS >= 8 ? 8 : 0;
}

static void forget_output(void) {
    if (output != NULL) fclose(output);
    if (saved_output >= 0) close(saved_output);
    if (saved_error >= 0) close(saved_error);
    output = NULL;
    saved_output = saved_error = -1;
}

const char *berth_term_open(const berth_term_options *options) {
    if (screen != NULL) return "the terminal is open already";
    notice[0] = '\0';
    const char *reason = refusal();
    if (reason != NULL) return reason;
    choose_locale();
    tcgetattr(STDIN_FILENO, &modes_before);
    saved_output = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
    saved_error = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
    int stream = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
    if (saved_output < 0 || stream < 0 || (output = fdopen(stream, "w")) == NULL) {
        forget_output();
        return "no file descriptor is left for the terminal";
    }
    berth_signals_install();
    use_tioctl(TRUE);
    screen = newterm(notice[0] != '\0' ? "xterm-256color" : NULL, output, stdin);
    if (screen == NULL || !berth_keys_open()) {
        berth_signals_remove();
        forget_output();
        return "ncurses could not be started on this terminal";
    }
    const char *mouse_key = tigetstr("kmous");
    marks_paste = mouse_key != NULL && mouse_key != (char *)-1;
    set_escdelay(ESCAPE_DELAY_MS);
    raw();
    noecho();
    nonl();
    typeahead(-1);
    curs_set(0);
    start_colors(options->color);
    prepare_crash(options->log_path);
    redirect(options->log_fd);
    berth_crash_arm(true);
    mouse_on = options->mouse;
    berth_term_set_mouse(mouse_on);
    berth_term_apply_resize();
    if (marks_paste) berth_keys_set_paste(true);
    return NULL;
}

void berth_term_close(void) {
    if (screen == NULL) return;
    if (marks_paste) berth_keys_set_paste(false);
    berth_keys_close();
    mousemask(0, NULL);
    endwin();
    tcsetattr(STDIN_FILENO, TCSADRAIN, &modes_before);
    berth_crash_arm(false);
    restore_output();
    delscreen(screen);
    screen = NULL;
    forget_output();
    berth_signals_remove();
}

const char *berth_term_notice(void) { return notice[0] != '\0' ? notice : NULL; }
int berth_term_rows(void) { return screen != NULL ? getmaxy(stdscr) : 0; }
int berth_term_columns(void) { return screen != NULL ? getmaxx(stdscr) : 0; }
bool berth_term_utf8(void) { return utf8; }
int berth_term_colors(void) { return colors; }
int berth_screen_fd(void) { return saved_output; }
int berth_screen_stream(void) { return output != NULL ? fileno(output) : -1; }

void berth_term_redraw_all(void) { clearok(curscr, TRUE); }
void berth_term_bell(void) { beep(); }

void berth_term_apply_resize(void) {
    struct winsize size;
    if (ioctl(fileno(output), TIOCGWINSZ, &size) != 0) return;
    // A size of nothing means that nobody knows it.
    int height = size.ws_row > 0 ? size.ws_row : 24, width = size.ws_col > 0 ? size.ws_col : 80;
    if (height != getmaxy(stdscr) || width != getmaxx(stdscr)) resizeterm(height, width);
    clearok(curscr, TRUE);
}

void berth_term_write_raw(const char *bytes, int count) {
    if (output == NULL || berth_term_is_gone()) return;
    fwrite(bytes, 1, (size_t)count, output);
    fflush(output);
}

void berth_screen_suspend(void) {
    if (marks_paste) berth_keys_set_paste(false);
    endwin();
    tcsetattr(STDIN_FILENO, TCSADRAIN, &modes_before);
}

void berth_screen_resume(void) {
    reset_prog_mode();
    clearok(curscr, TRUE);
    wnoutrefresh(stdscr);
    doupdate();
    berth_term_apply_resize();
    if (marks_paste) berth_keys_set_paste(true);
}

void berth_term_name_thread(const char *name) { pthread_setname_np(pthread_self(), name); }
