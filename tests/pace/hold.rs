//! The worst patterns: CONNECTED is held just as long as the back-off needs to begin anew, or one
//! step less, and then lost quickly a few times, again and again.

use lankeeper::{Instant, InterfaceId, IpConfig, Lease, Medium, Prefix, Report, State};

use super::device::{App, Broken, Device, config, end_of};
use super::kind::Kind;
use super::pairs::{SLACK, patience};
use super::world::{Later, World};
use super::{CELL0, ETH0, STABLE_MS, WL0, after, hours, none_broken};

/// How the interface is lost quickly.
#[derive(Clone, Copy, Debug)]
pub(super) enum Quick {
    /// So many milliseconds after CONNECTED, in the same manner as after a long time.
    Lost(u64),
    /// Before CONNECTED: this step is refused with this report.
    Refused(Kind, Report),
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Hold {
    /// How long CONNECTED is held, in milliseconds.
    pub(super) stay: u64,
    pub(super) loss: Report,
    /// How many times it is lost quickly after that.
    pub(super) times: u32,
    pub(super) quick: Quick,
    /// How many of these are still to come.
    pub(super) left: u32,
}

impl World for Hold {
    fn answer(&mut self, _: Instant, _: InterfaceId, kind: Kind) -> Vec<Later<Report>> {
        match self.quick {
            Quick::Refused(step, report) if step == kind && self.left > 0 => {
                self.left -= 1;
                vec![(0, report)]
            }
            _ => kind.succeeds(0),
        }
    }

    fn entered(&mut self, _: Instant, _: InterfaceId, state: State) -> Vec<Later<Report>> {
        match (state, self.quick) {
            (State::Connected, Quick::Lost(wait)) if self.left > 0 => {
                self.left -= 1;
                vec![(wait, self.loss)]
            }
            (State::Connected, _) => {
                self.left = self.times;
                vec![(self.stay, self.loss)]
            }
            (State::EthernetStoppedNoLink, _) => vec![(0, Report::CarrierUp)],
            _ => Vec::new(),
        }
    }
}

/// The reports that take an interface out of CONNECTED, and those that refuse its last steps.
pub(super) fn losses(medium: Medium) -> (Vec<Report>, Vec<Quick>) {
    let code = 7;
    let unusable = Lease::new([0, 0, 0, 0].into(), 24);
    let dhcp = |report| Quick::Refused(Kind::StartDhcp, report);
    let refused = dhcp(Report::LeaseRefused { code });
    match medium {
        Medium::Wifi => (
            vec![
                Report::LinkLost { code },
                Report::LeaseLost,
                Report::Lease(unusable),
                Report::Fault { code },
            ],
            vec![
                refused,
                Quick::Refused(Kind::Scan, Report::NetworkNotFound { code }),
                Quick::Refused(Kind::Join, Report::JoinRejected { code }),
            ],
        ),
        Medium::Ethernet => (
            vec![
                Report::CarrierDown,
                Report::LeaseLost,
                Report::LeaseRefused { code },
                Report::Fault { code },
            ],
            vec![
                refused,
                dhcp(Report::CarrierDown),
                Quick::Refused(Kind::StartLink, Report::CarrierDown),
            ],
        ),
        Medium::Cellular => (
            vec![
                Report::PppDown { code },
                Report::RegistrationLost,
                Report::SimFailed { code },
                Report::Fault { code },
            ],
            vec![
                Quick::Refused(Kind::Dial, Report::PppDown { code }),
                Quick::Refused(Kind::Dial, Report::RegistrationLost),
                Quick::Refused(Kind::ReadSim, Report::SimFailed { code }),
            ],
        ),
    }
}

/// The same for an interface that only a local holder has.
fn run(id: InterfaceId, hold: Hold, seed: u64, hours: u64) -> Result<usize, Broken> {
    let mut device = Device::new(&format!("{id} {hold:?}"), seed, &config(seed, [id]));
    device.app = App::LocalOnly;
    device.open(id);
    device.run(&mut hold.clone(), end_of(hours))?;
    // Which part of a cycle an hour begins with differs: one cycle more or less.
    let cycle = usize::try_from(hold.times).unwrap() + 1;
    device.must_not_grow(SLACK + cycle, 0)?;
    device.run_well(after(device.now, patience(id.medium())))?;
    let state = device.manager.state(id).unwrap();
    if state != State::Connected {
        device.breaks(format!("all is well again, and it is {state}"))?;
    }
    Ok(device.counts.most())
}

/// Every length, loss and number on one medium.
fn all_holds(id: InterfaceId) {
    let mut broken = Vec::new();
    let (mut runs, mut most) = (0, 0);
    let (losses, refusals) = losses(id.medium());
    for stay in [STABLE_MS - 1, STABLE_MS, STABLE_MS + 1, 59_999, 60_001] {
        for times in 1..=6 {
            let waits = [0, 1, 100];
            let quick = |index: usize| match refusals.get(index % 6) {
                Some(refusal) => *refusal,
                None => Quick::Lost(waits[index % 3]),
            };
            for loss in &losses {
                let left = 0;
                let hold = Hold {
                    stay,
                    loss: *loss,
                    times,
                    quick: quick(runs),
                    left,
                };
                let hours = if times == 6 { hours(24) } else { hours(3) };
                match run(id, hold, runs as u64, hours) {
                    Ok(of_run) => most = most.max(of_run),
                    Err(error) => broken.push(error),
                }
                runs += 1;
            }
        }
    }
    println!("{id}: {runs} patterns, at most {most} commands of a kind in an hour");
    none_broken(runs, &broken);
}

// spec: IFC-3, IFC-13
#[test]
fn an_interface_with_a_static_address_keeps_the_pace() {
    let own = Prefix::new([10, 1, 2, 3].into(), 8).unwrap();
    let address = IpConfig::new(own, None, &[]).unwrap();
    let code = 7;
    let mut broken = Vec::new();
    let mut runs = 0;
    for (id, link) in [
        (WL0, Report::LinkLost { code }),
        (ETH0, Report::CarrierDown),
    ] {
        for loss in [link, Report::Fault { code }, Report::AddressConflict] {
            for (stay, times) in [(0, 0), (100, 0), (STABLE_MS - 1, 6), (STABLE_MS + 1, 6)] {
                let seed = runs as u64;
                let mut hold = Hold {
                    stay,
                    loss,
                    times,
                    quick: Quick::Lost(0),
                    left: 0,
                };
                let name = format!("{id}, static, {hold:?}");
                let mut device = Device::new(&name, seed, &config(seed, [id]));
                device.manager.store_static(device.now, address);
                device.open(id);
                broken.extend(device.run(&mut hold, end_of(hours(6))).err());
                runs += 1;
            }
        }
    }
    none_broken(runs, &broken);
}

// spec: IFC-6, IFC-7, IFC-13
#[test]
fn wifi_that_is_lost_when_it_was_just_stable_is_slowed() {
    all_holds(WL0);
}

// spec: IFC-6, IFC-7, IFC-13
#[test]
fn ethernet_that_is_lost_when_it_was_just_stable_is_slowed() {
    all_holds(ETH0);
}

// spec: IFC-6, IFC-7, IFC-13
#[test]
fn cellular_that_is_lost_when_it_was_just_stable_is_slowed() {
    all_holds(CELL0);
}
