//! A whole device: an Ethernet port gets an address by DHCP, answers datagrams, and connects to a
//! server. Here the port, its neighbours and the server are simulated.

use core::error::Error;
use core::net::SocketAddrV4;

use lankeeper::sim::{Simulated, World, poll_until};
use lankeeper::{
    Config, Delivery, Duration, InterfaceConfig, InterfaceId, Manager, Nic, Notice, Policy, State,
};

fn main() -> Result<(), Box<dyn Error>> {
    let serial_number = 0x5AFE_C0DE; // the seed of all jitter: no other device has it
    let mut config = Config::new(serial_number, [InterfaceConfig::new(InterfaceId::ETHERNET)]);
    config.policy = Policy::KeepTrying; // what most devices want: it reports failures and goes on
    let mut manager = Manager::new(&config)?;
    let mut world: World = World::new(1); // the backend: yours drives the hardware

    let port = manager.open(world.now(), &Nic::named("eth0")?)?;
    manager.udp_open(world.now(), port, 5000)?; // receives from the first CONNECTED on
    manager.connect(world.now(), None)?;

    let end = world.now().saturating_add(Duration::from_secs(30));
    let mut buffer = [0; 1472];
    while let Some(delivery) = poll_until(&mut manager, &mut world, end, &mut buffer)? {
        let now = world.now();
        print!("{:>5} ms  ", now.as_millis());
        match delivery {
            Delivery::Datagram {
                socket,
                from,
                length,
                ..
            } => {
                println!("{length} bytes from {from}: sent back");
                let payload = buffer.get(..length).unwrap_or_default();
                manager.send_to(now, &mut world, socket, from, payload)?;
            }
            Delivery::Notice(Notice::StateChanged {
                interface, state, ..
            }) => {
                println!("{interface}: {state}");
                if state == State::Connected {
                    let own = manager.ip_config(interface).ok_or("no address")?.prefix();
                    let neighbour: SocketAddrV4 = "192.168.2.9:4000".parse()?;
                    let device = SocketAddrV4::new(own.address(), 5000);
                    world.arrive(interface, neighbour, device, b"hello")?;
                }
            }
            Delivery::Notice(Notice::ServerStateChanged { state }) => println!("server: {state}"),
            Delivery::Notice(Notice::ConnectEnded { outcome, .. }) => println!("result: {outcome}"),
            Delivery::Notice(other) => println!("{other:?}"),
        }
    }
    let answer = world.take_sent().ok_or("nothing was sent")?;
    let text = core::str::from_utf8(answer.payload())?;
    println!("a neighbour at {} got {text:?}", answer.destination);
    Ok(())
}
