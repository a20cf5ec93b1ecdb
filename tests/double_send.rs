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
        .map(|send| world.reference(&send.join().unwrap()))
        .collect();
    assert!(receipts.iter().all(|receipt| *receipt == receipts[0]), "{receipts:?}");
    world.sink.wait_for(1);
    world.until("the delivery", || world.files_in("spool/delivered").len() == 1);
    let late = form.send();
    assert_eq!(world.reference(&late), receipts[0], "also after the delivery");
    // The address is another one, with the time of this receipt in it: so it opens, however late.
    let page = world.get(late.location());
    assert!(page.status == 200 && page.body.contains(&receipts[0]));
    // Another letter behind it shows that nothing more was on its way.
    let other = world.marked_form().text("namn", "Kari").send();
    assert_ne!(world.reference(&other), receipts[0]);
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
    let first = world.reference(&first);
    assert_ne!(first, world.reference(&second));
    assert_ne!(first, world.reference(&third));
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
    assert_eq!(world.reference(&before), world.reference(&after));
    for receipt in [&before, &after] {
        let page = world.get(receipt.location());
        assert_eq!(page.status, 200, "a receipt opens also after a restart");
        assert!(page.body.contains(&world.reference(&before)));
    }
    world.sink.wait_for(1);
    world.until("the delivery", || world.files_in("spool/delivered").len() == 1);
    assert_eq!(world.reference(&form.send()), world.reference(&before));
    std::thread::sleep(std::time::Duration::from_millis(500));
    // At least once: a kill between the server's yes and ours may repeat a mail, but byte for byte.
    let mails = world.sink.mails();
    assert!(mails.iter().all(|mail| mail.mail == mails[0].mail));
}
