//! The validated settings of an interface.

use super::place::cloned;
use super::schema::{Reading, Rule, Schema, Takes};
use super::{
    Copied, InterfaceId, InterfaceName, KeyPath, Medium, NicBuilder, NicError, NicProblem,
    ProxySettings, Quote, Secrets, Table, Value, ValueKind, WifiSettings, address, proxy, wifi,
};
use crate::ipv4::IpConfig;

static SCHEMA: Schema = Schema::new(
    "",
    &Medium::ALL,
    &["interface", wifi::TABLE, address::TABLE, proxy::TABLE],
    &[
        Rule::required(Takes::Text(read_name)),
        Rule::optional(Takes::Section(&wifi::SCHEMA)),
        Rule::optional(Takes::Section(&address::SCHEMA)),
        Rule::optional(Takes::Section(&proxy::SCHEMA)),
    ],
);
pub(super) const INTERFACE: KeyPath = KeyPath::known("", "interface");

/// A validated network interface configuration: an interface, and optional settings for it
/// (NIC-10).
///
/// Only validation makes one, and it never changes afterwards, so later code can rely on it.
///
/// ```
/// use lankeeper::nic::Value;
/// use lankeeper::{Nic, WifiKey, WifiSettings};
///
/// let nic = Nic::builder("wifi")
///     .wifi(WifiSettings::new(b"shed", WifiKey::plaintext("correct horse")?)?)
///     .build()?;
/// assert_eq!(nic.name().as_str(), "wifi");
/// assert!(!nic.is_name_only());
///
/// assert!(Nic::from_value(&Value::from("eth0"))?.is_name_only());
/// # Ok::<(), lankeeper::nic::NicError>(())
/// ```
#[derive(Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Nic {
    pub(super) name: InterfaceName,
    pub(super) wifi: Option<WifiSettings>,
    pub(super) ip_config: Option<IpConfig>,
    pub(super) proxy: Option<ProxySettings>,
}

impl Nic {
    /// Checks a table (NIC-4 to NIC-9).
    ///
    /// Takes time linear in the table's length, and memory that does not depend on it (NIC-11).
    ///
    /// # Errors
    ///
    /// The first problem (NIC-11). In each table unknown keys are reported first, then the known
    /// keys in the order of NIC-4, NIC-6, NIC-8 and NIC-9, each together with its contents.
    pub fn from_table(table: &Table<'_>) -> Result<Self, NicError> {
        SCHEMA.read(*table)
    }

    /// A configuration without settings, whose name is still to be read.
    pub(crate) const fn blank() -> Self {
        Self {
            name: InterfaceName::WIFI,
            wifi: None,
            ip_config: None,
            proxy: None,
        }
    }

    /// Checks a table, or a string, which is short for a table with only that `interface` (NIC-4).
    ///
    /// # Errors
    ///
    /// Those of [`Nic::from_table`], and [`NicProblem::WrongType`] for any other value.
    pub fn from_value(value: &Value<'_>) -> Result<Self, NicError> {
        match value {
            Value::String(text) => Self::named(text),
            Value::Table(table) => Self::from_table(table),
            Value::Null
            | Value::Boolean(_)
            | Value::Integer(_)
            | Value::Blob(_)
            | Value::List(_) => {
                let problem = NicProblem::WrongType {
                    found: value.kind(),
                    allowed: &[ValueKind::String, ValueKind::Table],
                };
                Err(KeyPath::known("", "nic").error(problem))
            }
        }
    }

    /// The configuration that only names an interface (NIC-1).
    ///
    /// # Errors
    ///
    /// [`NicProblem::Name`] if the text does not name an interface.
    pub fn named(interface: &str) -> Result<Self, NicError> {
        match read_interface_name(interface) {
            Ok(name) => {
                let mut nic = Self::blank();
                nic.name = name;
                Ok(nic)
            }
            Err(problem) => Err(INTERFACE.error(problem)),
        }
    }

    /// Starts a configuration of this interface, to which settings can be added.
    pub fn builder(interface: &str) -> NicBuilder {
        NicBuilder::new(interface)
    }

    /// Replaces this configuration by that of a connection, made of parts that were validated for
    /// the medium of `name`, with `sealed` secrets, whose lengths are checked, in place of those in
    /// plaintext.
    pub(crate) fn put_sealed(
        &mut self,
        name: InterfaceName,
        wifi: Option<&WifiSettings>,
        ip_config: Option<&IpConfig>,
        proxy: Option<&ProxySettings>,
        sealed: &Secrets<'_>,
    ) {
        self.name = name;
        WifiSettings::assign_sealed(&mut self.wifi, wifi, sealed.key);
        IpConfig::assign(&mut self.ip_config, ip_config);
        ProxySettings::assign_sealed(&mut self.proxy, proxy, sealed.password);
    }

    /// The interface as it was named (NIC-3).
    #[must_use]
    pub const fn name(&self) -> &InterfaceName {
        &self.name
    }

    /// The network to join, if given.
    #[must_use]
    pub const fn wifi(&self) -> Option<&WifiSettings> {
        self.wifi.as_ref()
    }

    /// The static address, if given.
    #[must_use]
    pub const fn ip_config(&self) -> Option<&IpConfig> {
        self.ip_config.as_ref()
    }

    /// The proxy, if given.
    #[must_use]
    pub const fn proxy(&self) -> Option<&ProxySettings> {
        self.proxy.as_ref()
    }

    /// Whether the configuration only names an interface, without settings for it.
    #[must_use]
    pub const fn is_name_only(&self) -> bool {
        self.wifi.is_none() && self.ip_config.is_none() && self.proxy.is_none()
    }

    /// Whether both mean the same interface among those `present`, and have equal settings
    /// (NIC-10). If neither interface is present, the names must be equivalent, as `wl0` and
    /// `wl0i`.
    ///
    /// There is no `==`, because whether `wifi` means `wl0` depends on which interfaces are
    /// present.
    ///
    /// ```
    /// use lankeeper::{InterfaceId, Nic};
    ///
    /// let (generic, specific) = (Nic::named("ethernet")?, Nic::named("eth0")?);
    /// assert!(generic.means_same_as(&specific, [InterfaceId::ETHERNET]));
    /// assert!(!generic.means_same_as(&specific, [InterfaceId::WIFI]));
    /// # Ok::<(), lankeeper::nic::NicError>(())
    /// ```
    pub fn means_same_as(
        &self,
        other: &Self,
        present: impl IntoIterator<Item = InterfaceId> + Clone,
    ) -> bool {
        self.name.means_same_as(&other.name, present)
            && (&self.wifi, &self.ip_config, &self.proxy)
                == (&other.wifi, &other.ip_config, &other.proxy)
    }
}

impl Clone for Nic {
    fn clone(&self) -> Self {
        cloned(Self::blank, self)
    }

    fn clone_from(&mut self, source: &Self) {
        self.name = source.name;
        WifiSettings::assign(&mut self.wifi, source.wifi.as_ref());
        IpConfig::assign(&mut self.ip_config, source.ip_config.as_ref());
        ProxySettings::assign(&mut self.proxy, source.proxy.as_ref());
    }
}

impl Drop for Nic {
    fn drop(&mut self) {
        WifiSettings::occupy(&mut self.wifi);
        IpConfig::wipe(&mut self.ip_config);
        ProxySettings::occupy(&mut self.proxy);
    }
}

fn read_interface_name(text: &str) -> Result<InterfaceName, NicProblem> {
    match text.parse() {
        Ok(name) => Ok(name),
        Err(problem) => Err(NicProblem::Name {
            found: Quote::new(text),
            problem,
        }),
    }
}

fn read_name(reading: &mut Reading<'_>, text: &str) -> Result<(), NicProblem> {
    read_interface_name(text).map(|name| reading.nic.name = name)
}
