/* What tests put into slots: a program that does what FOLDER/RELEASE says, one word after the other, and says in FOLDER/log
 * that it ran. "commit" has its slot committed, by the program that $TP_COMMIT names; "stay" waits for a signal, "deaf" does
 * so without hearing SIGTERM, "exit=N" ends. It is small, because tests fail each read and write of it in turn. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { longest_path = 4096, longest_word = 64, by_sighup = 42 };

static void hung_up(int signal)
{
    (void)signal;
    _exit(by_sighup);
}

static char const* setting(char const* name)
{
    char const* const value = getenv(name);
    if (!value) exit(2);
    return value;
}

static void say(char const* folder, char const* line)
{
    char path[longest_path];
    snprintf(path, sizeof path, "%s/log", folder);
    FILE* const log = fopen(path, "a");
    if (!log) exit(2);
    fprintf(log, "%s\n", line);
    fclose(log);
}

static void obey(char const* folder, char const* word)
{
    if (strcmp(word, "commit") == 0) say(folder, system(setting("TP_COMMIT")) == 0 ? "committed" : "not committed");
    if (strcmp(word, "deaf") == 0) signal(SIGTERM, SIG_IGN);
    while (strcmp(word, "deaf") == 0 || strcmp(word, "stay") == 0) pause();
    if (strncmp(word, "exit=", 5) == 0) exit(atoi(word + 5));
}

int main(int count, char** words)
{
    if (count != 2) return 2;
    char const* const release = setting("TRIGPOINT_SLOT") + strlen("a-");
    char path[longest_path], word[longest_word];
    signal(SIGHUP, hung_up);
    say(words[1], release);
    snprintf(path, sizeof path, "%s/%s", words[1], release);
    FILE* const orders = fopen(path, "r");
    while (orders && fscanf(orders, "%63s", word) == 1) obey(words[1], word);
    return 0;
}
