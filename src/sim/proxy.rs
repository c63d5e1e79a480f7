//! A simulated HTTP proxy.

use super::code;
use super::condition::{Condition, Obstacle};
use super::vault::{MockVault, UnsealError};
use crate::nic::{Exposed, ProxyPassword};
use crate::{ProxySettings, ServerReport};

/// An HTTP proxy between the networks and the server. It accepts clients that use its own settings;
/// without a user name in these settings it accepts every client.
///
/// ```
/// use lankeeper::nic::ProxyPassword;
/// use lankeeper::ProxySettings;
/// use lankeeper::sim::{Condition, HttpProxy, ServerChange, World};
///
/// let settings = ProxySettings::new("proxy.example", 3128)?
///     .with_credentials("hub", Some(ProxyPassword::plaintext("swordfish")?))?;
/// let proxy = HttpProxy::new(settings);
/// let mut world: World = World::new(1);
/// world.happen(ServerChange::Proxy(Some(proxy.clone())));
/// // The proxy crashes.
/// world.happen(ServerChange::Proxy(Some(proxy.in_condition(Condition::Fails))));
/// # Ok::<(), lankeeper::nic::NicError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct HttpProxy {
    settings: ProxySettings,
    condition: Condition,
}

impl HttpProxy {
    /// Creates a proxy that works and accepts these settings.
    #[must_use]
    pub const fn new(settings: ProxySettings) -> Self {
        Self {
            settings,
            condition: Condition::Works,
        }
    }

    /// Sets the condition. A proxy that fails refuses connections.
    #[must_use]
    pub const fn in_condition(mut self, condition: Condition) -> Self {
        self.condition = condition;
        self
    }

    pub(super) const fn condition(&self) -> Condition {
        self.condition
    }

    /// Whether these settings name the address of this proxy.
    pub(super) fn is_at(&self, offered: &ProxySettings) -> bool {
        self.settings.address() == offered.address()
    }

    /// Connects with these settings.
    pub(super) fn admit(&self, vault: MockVault, offered: &ProxySettings) -> Result<(), Obstacle> {
        if !self.is_at(offered) || self.settings.port() != offered.port() {
            let code = code::CONNECTION_REFUSED;
            return Err(ServerReport::ProxyUnreachable { code }.into());
        }
        let code = code::CONNECTION_REFUSED;
        self.condition
            .check(ServerReport::ProxyUnreachable { code })?;
        let knows = self.settings.username().is_none()
            || (self.settings.username() == offered.username()
                && vault.matches(password(offered), password(&self.settings))?);
        if !knows {
            let code = code::PROXY_AUTHENTICATION_REQUIRED;
            return Err(ServerReport::ProxyRefused { code }.into());
        }
        Ok(())
    }
}

fn password(settings: &ProxySettings) -> Option<Exposed<'_>> {
    settings.password().map(ProxyPassword::expose)
}

impl From<UnsealError> for Obstacle {
    fn from(_: UnsealError) -> Self {
        let code = code::NOT_UNSEALED;
        ServerReport::ProxyRefused { code }.into()
    }
}
