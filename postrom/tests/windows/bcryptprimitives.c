/* Stands in for a library of Windows that the Wine of Debian 12 lacks. For tests only. */
#include <windows.h>
#include <ntsecapi.h>

__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE bytes, SIZE_T length)
{
    while (length > 0) {
        ULONG some = length > 0x10000000 ? 0x10000000 : (ULONG)length;
        if (!RtlGenRandom(bytes, some))
            return FALSE;
        bytes += some;
        length -= some;
    }
    return TRUE;
}
