/* A certificate and its key, for the examples of documents and forms: both are public, so good for nothing else. */
#ifndef BULKHEAD_VALUE_PEM_EXAMPLE_H
#define BULKHEAD_VALUE_PEM_EXAMPLE_H

/* clang-format off */
#define PEM_EXAMPLE_CERTIFICATE \
        "-----BEGIN CERTIFICATE-----\n" \
        "MIIBpzCCAU2gAwIBAgIUJx3QxIhcUSLw47Zu+lA3kUSh67IwCgYIKoZIzj0EAwIw\n" \
        "GjEYMBYGA1UEAwwPbmFzLmV4YW1wbGUub3JnMCAXDTI2MTEyMTE1NTkyOVoYDzIx\n" \
        "MjYxMDI4MTU1OTI5WjAaMRgwFgYDVQQDDA9uYXMuZXhhbXBsZS5vcmcwWTATBgcq\n" \
        "hkjOPQIBBggqhkjOPQMBBwNCAARw2ulPsQjIKh/eVr7FOSkFzL/sKJSMcJnEJJHV\n" \
        "L0hxUCIk10WzEClGcT68F3kw9sFbcLUlrLp1Q+Yp09Him4Sgo28wbTAdBgNVHQ4E\n" \
        "FgQUys4ppo6g8byXgbe48RpbZ5cs1rAwHwYDVR0jBBgwFoAUys4ppo6g8byXgbe4\n" \
        "8RpbZ5cs1rAwDwYDVR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgg9uYXMuZXhhbXBs\n" \
        "ZS5vcmcwCgYIKoZIzj0EAwIDSAAwRQIhAPfFzYMxOph89UwgE7TDJeP81SJp6ZYh\n" \
        "x/esYnlaxBafAiAvkGmtRl9eG0Ois5w/c0SMMWRCVzB4X1rMus6+3ed7ug==\n" \
        "-----END CERTIFICATE-----\n"
#define PEM_EXAMPLE_KEY \
        "-----BEGIN PRIVATE KEY-----\n" \
        "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgq2we+u3CHcqEs9V3\n" \
        "zR30VJkQRwKlz3VD/bUgHiVlwtehRANCAARw2ulPsQjIKh/eVr7FOSkFzL/sKJSM\n" \
        "cJnEJJHVL0hxUCIk10WzEClGcT68F3kw9sFbcLUlrLp1Q+Yp09Him4Sg\n" \
        "-----END PRIVATE KEY-----\n"
/* clang-format on */

#endif
