//! The codes that simulated devices report, see [`Reason::code`](crate::Reason::code).

/// No access point was heard: `WIFI_REASON_NO_AP_FOUND` of ESP-IDF.
pub const NO_ACCESS_POINT: i32 = 201;
/// The key did not fit: reason 15 of IEEE 802.11, the 4-way handshake timed out.
pub const HANDSHAKE_TIMEOUT: i32 = 15;
/// The access point takes nobody: status 17 of IEEE 802.11, it has too many stations.
pub const TOO_MANY_STATIONS: i32 = 17;
/// The access point is gone: reason 3 of IEEE 802.11.
pub const STATION_LEFT: i32 = 3;
/// The DHCP server refuses: message type 6 of RFC 2132, DHCPNAK.
pub const DHCP_NAK: i32 = 6;
/// No SIM: error 10 of 3GPP TS 27.007, `+CME ERROR: 10`.
pub const SIM_NOT_INSERTED: i32 = 10;
/// The SIM wants its PIN: error 11 of 3GPP TS 27.007.
pub const SIM_PIN_REQUIRED: i32 = 11;
/// The network refuses: status 3 of `+CREG` of 3GPP TS 27.007.
pub const REGISTRATION_DENIED: i32 = 3;
/// The PPP session ended or could not be begun: `NO CARRIER`, result code 3 of ITU-T V.250.
pub const NO_CARRIER: i32 = 3;
/// No such name: response code 3 of RFC 1035, NXDOMAIN.
pub const NAME_UNKNOWN: i32 = 3;
/// The name server fails: response code 2 of RFC 1035, SERVFAIL.
pub const NAME_SERVER_FAILED: i32 = 2;
/// There is no way out: `ENETUNREACH` of Linux.
pub const NETWORK_UNREACHABLE: i32 = 101;
/// Nobody listens there: `ECONNREFUSED` of Linux.
pub const CONNECTION_REFUSED: i32 = 111;
/// The other end has forgotten the connection: `ECONNRESET` of Linux.
pub const CONNECTION_RESET: i32 = 104;
/// What was sent was not acknowledged in time: `ETIMEDOUT` of Linux.
pub const CONNECTION_TIMED_OUT: i32 = 110;
/// Somebody else answers in place of the server: alert 42 of RFC 8446, bad certificate.
pub const BAD_CERTIFICATE: i32 = 42;
/// The proxy wants other credentials: status 407 of RFC 9110.
pub const PROXY_AUTHENTICATION_REQUIRED: i32 = 407;
/// The proxy does not reach the server: status 502 of RFC 9110.
pub const BAD_GATEWAY: i32 = 502;
/// The flash memory takes nothing: `EIO` of Linux.
pub const FLASH_FAILED: i32 = 5;
/// A secret was not sealed by this device.
pub const NOT_UNSEALED: i32 = -3;
/// The device does not know the action.
pub const UNKNOWN_ACTION: i32 = -1;
/// A driver fault that was drawn, not scripted.
pub const RANDOM_FAULT: i32 = -2;
