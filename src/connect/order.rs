//! Which interfaces a connection can be tried over, and which of them is next (CON-14, CON-23).

use heapless::Vec;

use crate::nic::InterfaceId;

/// The server order of a device with up to `N` interfaces, the interface that somebody selected, and
/// those that are disabled: their turn never comes.
#[derive(Clone, Debug)]
pub(crate) struct Order<const N: usize> {
    pub(super) listed: Vec<InterfaceId, N, u8>,
    /// The interface that was named most recently (CFG-3).
    selected: Option<InterfaceId>,
    disabled: Vec<InterfaceId, N, u8>,
}

impl<const N: usize> Order<N> {
    /// These interfaces, all of them enabled.
    pub(super) fn new(listed: impl Iterator<Item = InterfaceId>) -> Self {
        Self {
            listed: listed.take(N).collect(),
            selected: None,
            disabled: Vec::new(),
        }
    }

    pub(crate) fn listed(&self) -> &[InterfaceId] {
        &self.listed
    }

    /// Lists other interfaces.
    pub(super) fn list(&mut self, order: &[InterfaceId]) {
        self.listed.clear();
        for id in order {
            // There is room, because the order lists each of the `N` interfaces at most once.
            let _ = self.listed.push(*id);
        }
    }

    /// Selects an interface for later connections, or none.
    pub(super) const fn select(&mut self, selected: Option<InterfaceId>) {
        self.selected = selected;
    }

    pub(crate) const fn selected(&self) -> Option<InterfaceId> {
        self.selected
    }

    pub(super) fn set_enabled(&mut self, id: InterfaceId, enabled: bool) {
        self.disabled.retain(|disabled| *disabled != id);
        if !enabled {
            // There is room, because each of the `N` interfaces is in there at most once.
            let _ = self.disabled.push(id);
        }
    }

    pub(crate) fn is_enabled(&self, id: InterfaceId) -> bool {
        !self.disabled.contains(&id)
    }

    pub(super) fn is_listed(&self, id: InterfaceId) -> bool {
        self.listed.contains(&id)
    }

    /// The enabled interface whose turn comes after that of `id`, before it is the turn of `end`: going
    /// round, and from the beginning if `id` is not listed.
    // size: 5 callers
    #[inline(never)]
    pub(super) fn next(
        &self,
        id: Option<InterfaceId>,
        end: Option<InterfaceId>,
    ) -> Option<InterfaceId> {
        let place = self.listed.iter().position(|listed| Some(*listed) == id);
        let after = place.map_or(0, |place| place.saturating_add(1));
        let (first, rest) = self.listed.split_at_checked(after)?;
        let mut turns = rest.iter().chain(first).copied();
        let next = turns.find(|turn| Some(*turn) == end || self.is_enabled(*turn));
        next.filter(|next| Some(*next) != end)
    }
}
