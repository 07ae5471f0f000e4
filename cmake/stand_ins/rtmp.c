// SPDX-License-Identifier: Apache-2.0
// RTMP for a program of one file: no connection can be had.
//
// librtmp.a would bring GnuTLS. libcurl.a 7.88.1 begins with RTMP_Alloc (lib/curl_rtmp.c:
// rtmp_setup_connection) and says that memory is out when there is none.
#include "stand_in.h"

ANSWER(void*, RTMP_Alloc, NULL)

// None of these is reached without a connection; as booleans they say that it failed.
ANSWER(int, RTMP_Connect1, 0)
ANSWER(int, RTMP_ConnectStream, 0)
ANSWER(int, RTMP_SetupURL, 0)
ANSWER(int, RTMP_Read, -1)
ANSWER(int, RTMP_Write, -1)
IGNORE(RTMP_Close)
IGNORE(RTMP_Free)
IGNORE(RTMP_Init)
IGNORE(RTMP_SetBufferMS)
