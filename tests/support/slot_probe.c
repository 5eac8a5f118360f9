/* A release of the probe that is small whatever the probe is built with: it becomes the program that $TP_PROBE names, with its
 * own arguments and environment, which say in which slot it lies. */
#include <stdlib.h>
#include <unistd.h>

int main(int count, char** arguments)
{
    char const* const program = getenv("TP_PROBE");
    if (count < 1 || !program) return 2;
    execv(program, arguments);
    return 1;
}
