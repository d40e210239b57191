/* What a Tang server of Debian's said of itself, and the thumbprint that jose says its key has. */
#ifndef BULKHEAD_TESTS_STORAGE_CLERK_TANG_H
#define BULKHEAD_TESTS_STORAGE_CLERK_TANG_H

#define TANG_PRINT "n8tlFJ1FlKmZyolKVj24W8tGSnVB8GbMEn6Iv7fXxlo"
/* Its other key is for sealing, and signs nothing. */
#define TANG_OTHER "HcjnvniFE3lEEh-LNdyfRe3lTsKNCrrq7ok3e23Ihvc"
#define TANG_PAYLOAD                                                                                                   \
        "eyJrZXlzIjogW3siYWxnIjogIkVTNTEyIiwgImNydiI6ICJQLTUyMSIsICJrZXlfb3BzIjogWyJ2ZXJpZnkiXSwgImt0eSI6"             \
        "ICJFQyIsICJ4IjogIkFacmJ2bmo2Ui1wa0p2cWVWdkRvZzFQVHV6UVB3VWctZmxmUVBGZmlpMmg0WEc3QVdnbV9XWVNhc1Qy"             \
        "ZkpmN1h0Ty1rLVJmazJCeDR3UUp4M2NPb0JzTlAiLCAieSI6ICJBTl95TXJ0N3YtS0tUc2ttNTVsVGtVUldGM29EWTlTVnFY"             \
        "VjIwZGVXOGpFQ1NOcy1NMUhSMVBkYndPM1VESU5ubHVoSlVGZmFsM2xEcWxzdkpISlQxUm5EIn0sIHsiYWxnIjogIkVDTVIi"             \
        "LCAiY3J2IjogIlAtNTIxIiwgImtleV9vcHMiOiBbImRlcml2ZUtleSJdLCAia3R5IjogIkVDIiwgIngiOiAiQVNsdURlNEZH"             \
        "RmI2QUg5WnR5RC1lbDIzTEpLXzMybU9FLUU3OGZ2MnhvWTVSejRjLTJjWUkxZWdDbk1McWZJN3A3V2FvbVJZNzZhY3pNRGRp"             \
        "V0pTWExFXyIsICJ5IjogIkFjX1FGVmFrRkNRcHdyekpWZTdVa282QkVicmptZHRsaU5yeDV0M0FtSnFLZkt1bEJ0VW1Ca0lS"             \
        "Tm9YU0ItMHBVYUQtMlZ0RkZtaXRtdUl4bzlqOFJ0STQifV19"
#define TANG_SAID                                                                                                      \
        "{\"payload\": \"" TANG_PAYLOAD                                                                                \
        "\", \"protected\": \"eyJhbGciOiJFUzUxMiIsImN0eSI6Imp3ay1zZXQranNvbiJ9\", \"signature\": \"AR8K\"}"

#endif
