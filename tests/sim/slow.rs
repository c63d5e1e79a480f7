//! Slow surroundings: a switch that forwards late, and a search for a network that takes long.

use core::net::SocketAddrV4;

use lankeeper::sim::{
    CableChange, CellularChange, CellularModem, Coverage, Delays, EthernetPort, Happening, Reach,
    Simulated, World, run_for, run_until, run_until_server, run_until_state,
};
use lankeeper::{
    Action, Command, Config, Delivery, Duration, Event, Instant, InterfaceConfig, InterfaceId,
    IpConfig, Manager, Nic, Policy, Prefix, Report, ServerState, Span, State,
};

use super::Scene;
use crate::support::bound::bounded;
use crate::support::forged;

const ETH0: InterfaceId = InterfaceId::ETHERNET;
const CELL0: InterfaceId = InterfaceId::CELLULAR;

/// A spanning tree with the longest delay that is usual.
const SPANNING_TREE: CableChange = CableChange::ForwardsAfter(Duration::from_secs(50));
const TEN_MINUTES: CellularChange = CellularChange::SearchTakes(Duration::from_secs(600));

/// Commands for a device without a manager, each with the next number, and what it reports.
struct Bench<D> {
    device: D,
    id: InterfaceId,
    number: u32,
}

impl<D: Simulated> Bench<D> {
    fn command(&mut self, action: Action<'_>) {
        self.number += 1;
        let ticket = forged(self.id, self.number);
        self.device.execute(Command::Interface { ticket, action });
    }

    /// The reports up to this instant, each with the number of its command.
    fn until(&mut self, until: Instant) -> Vec<(u32, Report)> {
        let mut reports = Vec::new();
        loop {
            while let Some(Event::Interface { ticket, report }) = bounded(self.device.next_event())
            {
                let number = u32::try_from(ticket.to_bits() & 0xFFFF_FFFF).unwrap();
                reports.push((number, report));
            }
            match bounded(self.device.poll_at()) {
                Some(next) if next <= until => self.device.handle_timeout(next),
                _ => break,
            }
        }
        self.device.handle_timeout(until);
        reports
    }

    /// The reports of so many seconds.
    fn pass(&mut self, secs: u64) -> Vec<(u32, Report)> {
        let span = Duration::from_secs(secs);
        self.until(self.device.now().saturating_add(span))
    }
}

/// A port whose carrier is watched by command 2, without delays of its own.
fn port(forwards_after: Duration) -> Bench<EthernetPort> {
    let mut device = EthernetPort::new(1).with_delays(Delays::NONE);
    let change = CableChange::ForwardsAfter(forwards_after);
    device.handle_change(Instant::EPOCH, change);
    let mut bench = Bench {
        device,
        id: ETH0,
        number: 0,
    };
    bench.command(Action::PowerUp);
    assert_eq!(bench.pass(0), [(1, Report::Ready)]);
    bench.command(Action::StartLink);
    assert_eq!(bench.pass(0), [(2, Report::CarrierUp)]);
    bench
}

/// A modem that answers at once, but whose search takes ten minutes.
fn modem() -> Bench<CellularModem> {
    let mut device = CellularModem::new(1).with_delays(Delays::NONE);
    device.handle_change(Instant::EPOCH, TEN_MINUTES);
    let mut bench = Bench {
        device,
        id: CELL0,
        number: 0,
    };
    bench.command(Action::PowerUp);
    assert_eq!(bench.pass(0), [(1, Report::Ready)]);
    bench
}

fn is_lease(reports: &[(u32, Report)], of: u32) -> bool {
    matches!(reports, [(number, Report::Lease(_))] if *number == of)
}

#[test]
fn the_first_frame_passes_when_the_switch_forwards() {
    // The client asks at once, and every four seconds.
    for (micros, secs) in [(7_999_999, 8), (8_000_000, 8), (8_000_001, 12)] {
        let mut bench = port(Duration::from_micros(micros));
        bench.command(Action::StartDhcp);
        let before = Instant::from_micros(secs * 1_000_000 - 1);
        assert_eq!(bench.until(before), []);
        let after = bench.until(before.saturating_add(Duration::from_micros(1)));
        assert!(is_lease(&after, 3), "{micros}: {after:?}");
    }
}

#[test]
fn each_link_up_begins_the_wait_anew_and_a_stop_does_not() {
    let mut bench = port(Duration::from_secs(8));
    assert_eq!(bench.pass(8), []);
    bench.command(Action::Stop);
    bench.command(Action::StartLink);
    bench.command(Action::StartDhcp);
    let reports = bench.pass(0);
    assert_eq!(reports[0], (4, Report::CarrierUp));
    assert!(is_lease(&reports[1..], 5), "the link was kept: {reports:?}");

    // The cable, the power-up, and the power itself.
    for step in 0..3 {
        let now = bench.device.now();
        match step {
            0 => {
                bench.device.handle_change(now, CableChange::Pulled);
                bench.device.handle_change(now, CableChange::Plugged);
            }
            1 => bench.command(Action::PowerUp),
            _ => {
                bench.command(Action::PowerDown);
                bench.pass(20);
                bench.command(Action::PowerUp);
            }
        }
        bench.pass(0);
        bench.command(Action::StartLink);
        bench.pass(0);
        bench.command(Action::StartDhcp);
        assert_eq!(bench.pass(7), [], "step {step}");
        let number = bench.number;
        let reports = bench.pass(1);
        assert!(is_lease(&reports, number), "step {step}: {reports:?}");
    }
}

#[test]
fn a_cable_that_is_plugged_into_a_powered_port_needs_no_command_for_its_link() {
    let mut bench = port(Duration::from_secs(8));
    let now = bench.device.now();
    bench.device.handle_change(now, CableChange::Pulled);
    bench.command(Action::Stop);
    bench.device.handle_change(now, CableChange::Plugged);
    bench.pass(8);
    bench.command(Action::StartLink);
    bench.command(Action::StartDhcp);
    let reports = bench.pass(0);
    assert_eq!(reports[0], (4, Report::CarrierUp));
    assert!(is_lease(&reports[1..], 5), "{reports:?}");
}

#[test]
fn another_wait_counts_from_the_next_link_up() {
    let mut bench = port(Duration::from_secs(8));
    let now = bench.device.now();
    bench.device.handle_change(now, SPANNING_TREE);
    // A cable that is there is no link-up.
    bench.device.handle_change(now, CableChange::Plugged);
    bench.command(Action::StartDhcp);
    assert_eq!(bench.pass(7), []);
    let number = bench.number;
    assert!(is_lease(&bench.pass(1), number));
}

#[test]
fn until_the_switch_forwards_nobody_reaches_anybody() {
    let own = Prefix::new([192, 168, 2, 50].into(), 24).unwrap();
    let address = IpConfig::new(own, None, &[]).unwrap();
    let nic = Nic::builder("eth0").ip_config(address).build().unwrap();
    let mut world: World = World::new(1);
    world.happen(SPANNING_TREE);
    let config = Config::new(1, [InterfaceConfig::new(ETH0)]);
    let mut manager: Manager<1> = Manager::new(&config).unwrap();
    let port = manager.open(world.now(), &nic).unwrap();
    let socket = manager.udp_open(world.now(), port, 5000).unwrap();
    let connected = (ETH0, State::Connected);
    let at_once = Duration::from_secs(5);
    let link_up = run_until_state(&mut manager, &mut world, connected, at_once).unwrap();

    let neighbour: SocketAddrV4 = "192.168.2.9:4000".parse().unwrap();
    let device: SocketAddrV4 = "192.168.2.50:5000".parse().unwrap();
    let mut exchange = |world: &mut World, at| {
        run_until(&mut manager, world, at, |_, _| {}).unwrap();
        world.arrive(ETH0, neighbour, device, b"in").unwrap();
        let mut received = 0;
        let count =
            |_, delivery| received += u32::from(matches!(delivery, Delivery::Datagram { .. }));
        run_for(&mut manager, world, Duration::ZERO, count).unwrap();
        let now = world.now();
        manager
            .send_to(now, world, socket, neighbour, b"out")
            .unwrap();
        let sent = world.take_sent().is_some();
        (received == 1, sent, world.reach(ETH0))
    };
    let forwards_at = link_up.saturating_add(Duration::from_secs(50));
    let before = Instant::from_micros(forwards_at.as_micros() - 1);
    assert_eq!(exchange(&mut world, before), (false, false, Reach::Nothing));
    assert_eq!(
        exchange(&mut world, forwards_at),
        (true, true, Reach::Internet)
    );
}

// spec: IFC-2, IFC-4
#[test]
fn a_patient_device_outwaits_the_switch_and_an_impatient_one_is_stopped() {
    let mut scene = Scene::new(ETH0);
    scene.happen(SPANNING_TREE);
    scene.reach(State::EthernetStopped, 40);
    let mut interface = InterfaceConfig::new(ETH0);
    interface.step_timeouts.dhcp = Span::secs::<60>();
    let mut manager: Manager<1> = Manager::new(&Config::new(1, [interface])).unwrap();
    let mut world: World = World::new(1);
    world.happen(SPANNING_TREE);
    manager
        .open(world.now(), &Nic::named("eth0").unwrap())
        .unwrap();
    let connected = (ETH0, State::Connected);
    let at = run_until_state(&mut manager, &mut world, connected, Duration::from_secs(60)).unwrap();
    // Power-up 300 ms, link 2 s, first request 500 ms later, then every 4 s.
    assert_eq!(at, Instant::from_micros(54_800_000));
}

// spec: IFC-14
#[test]
fn a_switch_that_forwards_late_is_reached_within_a_hundred_seconds() {
    for secs in [35, 50] {
        let mut scene = Scene::new(ETH0);
        let after = Duration::from_secs(secs);
        scene.happen(CableChange::ForwardsAfter(after));
        let up = scene.reach(State::Connected, 100);
        assert!(up > after, "{up:?}");
    }
}

#[test]
fn a_search_goes_on_when_register_comes_again() {
    let mut bench = modem();
    bench.command(Action::Register);
    for _ in 0..3 {
        assert_eq!(bench.pass(181), []);
        bench.command(Action::Register);
    }
    let ten_minutes = Instant::from_micros(600_000_000);
    let before = Instant::from_micros(ten_minutes.as_micros() - 1);
    assert_eq!(bench.until(before), []);
    assert!(!bench.device.is_registered());
    // The newest command has the answer, and only that.
    assert_eq!(bench.until(ten_minutes), [(5, Report::Registered)]);
    assert!(bench.device.is_registered());
}

#[test]
fn a_registration_that_there_is_already_is_reported_at_once() {
    let mut bench = modem();
    bench.command(Action::Register);
    assert_eq!(bench.pass(600), [(2, Report::Registered)]);
    bench.command(Action::Register);
    assert_eq!(bench.pass(0), [(3, Report::Registered)]);
    // The newest command hears of the loss, too.
    let now = bench.device.now();
    let tunnel = CellularChange::Coverage(Coverage::None);
    bench.device.handle_change(now, tunnel);
    assert_eq!(bench.pass(0), [(3, Report::RegistrationLost)]);
}

#[test]
fn a_stop_and_a_power_cycle_begin_the_search_anew() {
    for step in 0..3 {
        let mut bench = modem();
        bench.command(Action::Register);
        assert_eq!(bench.pass(599), []);
        match step {
            0 => bench.command(Action::Stop),
            1 => bench.command(Action::PowerUp),
            _ => {
                bench.command(Action::PowerDown);
                bench.command(Action::PowerUp);
            }
        }
        bench.pass(0);
        bench.command(Action::Register);
        assert_eq!(bench.pass(599), [], "step {step}");
        let number = bench.number;
        assert_eq!(bench.pass(1), [(number, Report::Registered)], "step {step}");
    }
}

#[test]
fn a_search_needs_coverage_all_the_time() {
    let mut bench = modem();
    let cover = |bench: &mut Bench<CellularModem>, coverage| {
        let now = bench.device.now();
        let change = CellularChange::Coverage(coverage);
        bench.device.handle_change(now, change);
    };
    cover(&mut bench, Coverage::None);
    bench.command(Action::Register);
    assert_eq!(bench.pass(3_600), [], "it waits");
    cover(&mut bench, Coverage::Home);
    assert_eq!(bench.pass(599), []);
    // A tunnel in the last second.
    cover(&mut bench, Coverage::None);
    assert_eq!(bench.pass(2), []);
    bench.command(Action::Register);
    cover(&mut bench, Coverage::Roaming);
    assert_eq!(bench.pass(300), []);
    // From one network to another the search goes on.
    cover(&mut bench, Coverage::Home);
    assert_eq!(bench.pass(299), []);
    assert_eq!(bench.pass(1), [(3, Report::Registered)]);
}

#[test]
fn a_dial_or_a_dhcp_client_takes_the_place_of_the_one_before() {
    let mut bench = modem();
    bench.device.set_delays(Delays::default());
    bench.command(Action::Register);
    assert_eq!(bench.pass(6), [(2, Report::Registered)]);
    bench.command(Action::Dial);
    assert_eq!(bench.pass(2), []);
    bench.command(Action::Dial);
    let reports = bench.pass(10);
    assert!(
        matches!(reports[..], [(4, Report::PppUp(_))]),
        "{reports:?}"
    );

    let mut bench = port(Duration::from_secs(6));
    bench.command(Action::StartDhcp);
    assert_eq!(bench.pass(5), []);
    bench.command(Action::StartDhcp);
    let reports = bench.pass(10);
    assert!(is_lease(&reports, 4), "{reports:?}");
}

// spec: IFC-14
#[test]
fn a_registration_that_takes_ten_minutes_is_there_within_twelve() {
    let mut scene = Scene::new(CELL0);
    scene.happen(TEN_MINUTES);
    let up = scene.reach(State::Connected, 12 * 60);
    assert!(up > Duration::from_secs(600), "{up:?}");
}

/// Runs a connection over this interface, which nobody else holds, until there is one.
fn connects(config: &Config<1>, change: impl Into<Happening>, within: u64) -> Duration {
    let mut world: World = World::new(1);
    world.happen(change);
    let mut manager: Manager<1> = Manager::new(config).unwrap();
    manager.connect(world.now(), None).unwrap();
    let within = Duration::from_secs(within);
    let connected = run_until_server(&mut manager, &mut world, ServerState::Connected, within);
    connected.unwrap().saturating_duration_since(Instant::EPOCH)
}

// spec: IFC-14, CON-5, CON-13, CON-21
#[test]
fn a_connection_is_made_behind_a_late_switch() {
    let policies = [
        Policy::SuspendOnError,
        Policy::ReturnOnError,
        Policy::KeepTrying,
    ];
    for policy in policies {
        let mut config = Config::new(1, [InterfaceConfig::new(ETH0)]);
        config.policy = policy;
        config.server.timeouts.ethernet = Span::secs::<100>();
        let took = connects(&config, SPANNING_TREE, 100);
        assert!(took.as_secs() > 50, "{policy:?}: {took:?}");
    }
    // The round ends before that, and the pause does not let go of the interface.
    let config = Config::new(1, [InterfaceConfig::new(ETH0)]);
    let long = CableChange::ForwardsAfter(Duration::from_secs(80));
    let took = connects(&config, long, 130);
    assert!(took.as_secs() > 80, "{took:?}");
}

// spec: IFC-14, CON-5, CON-13
#[test]
fn a_connection_outlasts_a_registration_of_ten_minutes() {
    let mut config = Config::new(1, [InterfaceConfig::new(CELL0)]);
    let took = connects(&config, TEN_MINUTES, 12 * 60);
    assert!(took.as_secs() > 600, "{took:?}");
    config.policy = Policy::KeepTrying;
    let took = connects(&config, TEN_MINUTES, 12 * 60);
    assert!(took.as_secs() > 600, "{took:?}");
    // Under the other policies an attempt needs the time for it.
    config.policy = Policy::ReturnOnError;
    config.server.timeouts.cellular = Span::secs::<{ 12 * 60 }>();
    let took = connects(&config, TEN_MINUTES, 12 * 60);
    assert!(took.as_secs() > 600, "{took:?}");
}
