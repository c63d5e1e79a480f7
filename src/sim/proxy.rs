//! An HTTP proxy as a device meets it.

use super::code;
use super::condition::{Condition, Obstacle};
use super::vault::{NotUnsealed, Vault};
use crate::connect::ServerReport;
use crate::nic::{Exposed, ProxyPassword, ProxySettings};

/// An HTTP proxy between the networks and the server. It takes whoever comes with its own
/// settings; without a user name among them it takes everybody who finds it.
///
/// ```
/// use lankeeper::{ProxyPassword, ProxySettings};
/// use lankeeper::sim::{Condition, HttpProxy, ServerChange, World};
///
/// let settings = ProxySettings::new("proxy.example", 3128)?
///     .with_credentials("hub", Some(ProxyPassword::plaintext("swordfish")?))?;
/// let proxy = HttpProxy::new(settings);
/// let mut world: World = World::new(1);
/// world.happen(ServerChange::Proxy(Some(proxy.clone())));
/// // It crashes.
/// world.happen(ServerChange::Proxy(Some(proxy.in_condition(Condition::Fails))));
/// # Ok::<(), lankeeper::NicError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct HttpProxy {
    settings: ProxySettings,
    condition: Condition,
}

impl HttpProxy {
    /// A proxy that works, and takes who comes with these settings.
    #[must_use]
    pub const fn new(settings: ProxySettings) -> Self {
        Self {
            settings,
            condition: Condition::Works,
        }
    }

    /// The same proxy in this condition. One that fails refuses connections.
    #[must_use]
    pub const fn in_condition(mut self, condition: Condition) -> Self {
        self.condition = condition;
        self
    }

    pub(super) const fn condition(&self) -> Condition {
        self.condition
    }

    /// Whether somebody with these settings finds it by name or number.
    pub(super) fn is_at(&self, lent: &ProxySettings) -> bool {
        self.settings.address() == lent.address()
    }

    /// What becomes of somebody who comes with these settings.
    pub(super) fn admit(&self, vault: Vault, lent: &ProxySettings) -> Result<(), Obstacle> {
        if !self.is_at(lent) || self.settings.port() != lent.port() {
            let code = code::CONNECTION_REFUSED;
            return Err(ServerReport::ProxyUnreachable { code }.into());
        }
        let code = code::CONNECTION_REFUSED;
        self.condition
            .meet(ServerReport::ProxyUnreachable { code })?;
        let knows = self.settings.username().is_none()
            || (self.settings.username() == lent.username()
                && vault.fits(password(lent), password(&self.settings))?);
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

impl From<NotUnsealed> for Obstacle {
    fn from(_: NotUnsealed) -> Self {
        let code = code::NOT_UNSEALED;
        ServerReport::ProxyRefused { code }.into()
    }
}
