//! The same page sent twice is one letter; a page with other content is another.

use crate::support::World;

#[test]
fn a_double_click_makes_one_letter() {
    let world = World::new();
    let form = world.marked_form();
    let sends: Vec<_> = (0..4)
        .map(|_| {
            let form = form.clone();
            std::thread::spawn(move || form.send())
        })
        .collect();
    let receipts: Vec<String> = sends
        .into_iter()
        .map(|send| send.join().unwrap().location().to_owned())
        .collect();
    assert!(receipts.iter().all(|receipt| *receipt == receipts[0]), "{receipts:?}");
    world.sink.wait_for(1);
    world.until("the delivery", || world.files_in("spool/delivered").len() == 1);
    assert_eq!(form.send().location(), receipts[0], "also after the delivery");
    // Another letter behind it shows that nothing more was on its way.
    let other = world.marked_form().text("namn", "Kari").send();
    assert_ne!(other.location(), receipts[0]);
    world.sink.wait_for(2);
    assert_eq!(world.sink.count(), 2);
}

#[test]
fn the_same_page_with_other_content_is_another_letter() {
    let world = World::new();
    let page = world.form();
    let first = page.clone().text("melding", "ein").send();
    let second = page.clone().text("melding", "to").send();
    let third = page.text("melding", "ein").file("vedlegg", "a.txt", b"x").send();
    assert_ne!(first.location(), second.location());
    assert_ne!(first.location(), third.location());
    world.sink.wait_for(3);
}

#[test]
fn a_restart_changes_nothing() {
    let mut world = World::new();
    let mut form = world.marked_form();
    let before = form.send();
    world.kill();
    world.start();
    form.address = world.address;
    let form = form.header("Origin", &format!("http://{}", world.address));
    let after = form.send();
    assert_eq!(before.location(), after.location());
    world.sink.wait_for(1);
    world.until("the delivery", || world.files_in("spool/delivered").len() == 1);
    assert_eq!(form.send().location(), before.location());
    std::thread::sleep(std::time::Duration::from_millis(500));
    // At least once: a kill between the server's yes and ours may repeat a mail, but byte for byte.
    let mails = world.sink.mails();
    assert!(mails.iter().all(|mail| mail.mail == mails[0].mail));
}
