//! The codes that simulated devices report, see [`StopReason::code`](crate::StopReason::code).

/// The access point was not found: `WIFI_REASON_NO_AP_FOUND` of ESP-IDF.
pub const NO_ACCESS_POINT: i32 = 201;
/// The key is wrong: reason 15 of IEEE 802.11, 4-way handshake timeout.
pub const HANDSHAKE_TIMEOUT: i32 = 15;
/// The access point rejects new stations: status 17 of IEEE 802.11, too many stations.
pub const TOO_MANY_STATIONS: i32 = 17;
/// The access point has another security than the network should: status 43 of IEEE 802.11, invalid AKMP.
pub const OTHER_SECURITY: i32 = 43;
/// The access point has gone: reason 3 of IEEE 802.11.
pub const STATION_LEFT: i32 = 3;
/// The DHCP server refused: message type 6 of RFC 2132, DHCPNAK.
pub const DHCP_NAK: i32 = 6;
/// The SIM is missing: error 10 of 3GPP TS 27.007, `+CME ERROR: 10`.
pub const SIM_NOT_INSERTED: i32 = 10;
/// The SIM requires its PIN: error 11 of 3GPP TS 27.007.
pub const SIM_PIN_REQUIRED: i32 = 11;
/// The network denied the registration: status 3 of `+CREG` in 3GPP TS 27.007.
pub const REGISTRATION_DENIED: i32 = 3;
/// The PPP session ended or could not be started: `NO CARRIER`, result code 3 of ITU-T V.250.
pub const NO_CARRIER: i32 = 3;
/// The name does not exist: response code 3 of RFC 1035, NXDOMAIN.
pub const NAME_UNKNOWN: i32 = 3;
/// The name server failed: response code 2 of RFC 1035, SERVFAIL.
pub const NAME_SERVER_FAILED: i32 = 2;
/// There is no route to the network: `ENETUNREACH` of Linux.
pub const NETWORK_UNREACHABLE: i32 = 101;
/// Nothing listens on the port: `ECONNREFUSED` of Linux.
pub const CONNECTION_REFUSED: i32 = 111;
/// The peer reset the connection: `ECONNRESET` of Linux.
pub const CONNECTION_RESET: i32 = 104;
/// The peer closed the connection: `ESHUTDOWN` of Linux.
pub const CONNECTION_CLOSED: i32 = 108;
/// Sent data was not acknowledged in time: `ETIMEDOUT` of Linux.
pub const CONNECTION_TIMED_OUT: i32 = 110;
/// Another host answers in place of the server: alert 42 of RFC 8446, bad certificate.
pub const BAD_CERTIFICATE: i32 = 42;
/// The proxy rejected the credentials: status 407 of RFC 9110.
pub const PROXY_AUTHENTICATION_REQUIRED: i32 = 407;
/// The proxy cannot reach the server: status 502 of RFC 9110.
pub const BAD_GATEWAY: i32 = 502;
/// Writing to flash memory failed: `EIO` of Linux.
pub const FLASH_FAILED: i32 = 5;
/// There is no room for another port or datagram: `ENOBUFS` of Linux.
pub const NO_ROOM: i32 = 105;
/// The secret was not sealed by this device.
pub const NOT_UNSEALED: i32 = -3;
/// The device does not support the action.
pub const UNKNOWN_ACTION: i32 = -1;
/// A randomly drawn driver fault.
pub const RANDOM_FAULT: i32 = -2;
