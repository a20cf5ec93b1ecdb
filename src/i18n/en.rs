//! The texts in English.

use super::plural_rule::ONE;
use super::{Catalog, Direction, Lang, Language, Plural};

pub(super) const LANGUAGE: Language = Language {
    code: "en",
    own_name: "English",
    plural: ONE,
    decimal: ".",
    group: ",",
    date: "{day}.{month}.{year}",
    direction: Direction::LeftToRight,
    called: &[],
};

pub(super) const LANG: Lang = Lang(&LANGUAGE);

pub(super) static CATALOG: Catalog = Catalog {
    lang: LANG,

    // Every page
    skip: "Skip to the content",
    exit: "Leave this page",
    exit_hidden: "Emergency exit, goes to another website at once: ",
    languages: "Choose language",

    // List of forms
    list_title: "Write to us",
    list_intro: "Choose the form you want to fill in. What you send is encrypted as soon as we receive it.",

    // The form
    must_fill: "Must be filled in",
    optional: "Optional",
    only_must: "You only need to answer what is marked “Must be filled in”.",
    all_but_optional: "Everything must be filled in, except what is marked “Optional”.",
    max_chars: Plural::new("You can write one character.", "You can write up to {n} characters."),
    choose: "Choose",
    files_limit: Plural::new(
        "You can attach one file of up to {size}.",
        "You can attach up to {n} files, together up to {size}.",
    ),
    files_types: "Types of files we take: {types}.",
    files_of_any_type: "You can send any type of file, including pictures, sound and film.",
    files_again_before: "If something has to be corrected before the form can be sent, or if you change the language, you will \
        have to choose the files again.",
    files_again_now: "If you had chosen files, they are no longer included. Choose them again before you send.",
    leave_empty: "Leave this box empty",
    send: "Send the message",
    step_of: "Step {n} of {all}",
    review: "Check your answers",
    review_heading: "Check your answers before you send them",
    review_change: "Change",
    review_nothing: "Not answered",
    review_failed: "The answers cannot be shown now. Check that you are online, and try again. What you have written is still here.",
    step_next: "Next",
    step_back: "Back",
    send_wait: "Large files can take a few minutes. If you press twice, we still get only one message.",
    safety_link: "Could someone see this?",
    before_text: "The “Leave this page” button takes you to another website at once.\n\n\
        The pages that you open here, and the receipt, stay in the browser history until you remove them \
        yourself. We cannot do that for you.\n\n\
        {kept}\n\n\
        We cannot hide the page from someone who sees the screen, or from a program that watches the device.",
    kept_nothing: "We store nothing of what you write on this device.",
    kept_by_browser: "The browser may keep the e-mail address, telephone number and postal code that you write here, and \
        suggest them to others who use the device.",
    lost_by_leaving: "If you close the page, reload it or go back before you have sent it, what you have written is gone.",
    lost_by_leaving_steps: "If you close the page or reload it before you have sent it, what you have written is gone. You can go \
        back and forth between the steps.",
    before_heading: "Before you write",
    encryption_link: "How the message is encrypted",
    sealed_note: "The message is encrypted as soon as we receive it, and only the mail room can open it.",
    checked: "This information was last checked on {date}.",
    phones: "You can phone",
    more_phones: "More numbers to call",
    other_ways: "Other ways to reach us",
    day: "Day",
    month: "Month",
    year: "Year",

    // Problems
    error_prefix: "Error: ",
    problems: Plural::new(
        "Correct this, and send again",
        "Correct these {n} things, and send again",
    ),
    problems_kept: "Nothing has been sent yet. What you have written is still here.",
    fill_in: "“{label}” must be filled in. Write an answer.",
    fill_in_date: "“{label}” must be filled in. Write the day, month and year in numbers, for example 1 5 2026.",
    choose_one: "“{label}” needs an answer. Choose from the alternatives.",
    choose_file: "“{label}” needs a file. Choose one from your device.",
    too_long: "“{label}” can have at most {max} characters, and now has {n}. Shorten the text.",
    bad_email: "“{label}”: Write the whole e-mail address, for example name@example.com.",
    bad_email_ending: "“{label}”: The address is missing its ending, for example .no. Write the whole address.",
    bad_phone: "“{label}”: Write the telephone number with 8 digits. Foreign numbers begin with + \
        and the country code.",
    bad_national_id: "“{label}”: Write all 11 digits. Check whether a digit is missing, or one too many.",
    bad_postal_code: "“{label}”: Write the postal code with 4 digits, for example 0150.",
    bad_reference: "“{label}”: Write the reference as it is on the receipt, for example K7F-3K9Q-2MX. At least one \
        character is wrong.",
    date_part_missing: "“{label}” is missing the {part}. Write the day, month and year in numbers, for example 1 5 2026.",
    bad_date_part: "“{label}”: Write the {part} as a number from 1 to {max}.",
    bad_year: "“{label}”: Write the year with four digits, for example 2026.",
    bad_date: "“{label}”: {date} is not a day that exists. Check the day and the month.",
    bad_choice: "“{label}” has an answer that is not on the list. Choose an answer from the list.",
    not_together: "You have chosen {choice}, but also {answers}. Remove what is not right.",
    stopped: "The message has not been sent, because you have chosen {choice}. {text}",
    bad_character: "“{label}” had an invisible character that cannot be sent. This can come along with text that has \
        been pasted in. We have taken it away or put a space in its place. Check what is written here, and send it again.",
    repeated: "“{label}” was sent twice. Check the answer here, and send it again.",
    unknown_field: "The page sent something that the form does not ask for. The form may have been changed while you were writing. Check what you have written, and send it again.",
    not_asked: "“{label}” is filled in, but belongs only with the answer {answers} to “{question}”. Change that \
        answer, delete the text here, or tick the box to send it all the same.",
    confirm: "Send what is written in this part all the same",
    confirm_field: "Send “{label}” all the same",
    not_filled_in: "You have chosen {answers}, but “{label}” is not filled in. Write the answer, or tick the box to send the \
        message without it.",
    confirm_without: "Send all the same, without “{label}”",
    quoted: "“{text}”",
    alternatives: " or ",
    conjunction: " and ",
    file_too_large: "“{name}” is too large. All files together can be up to {size}. Choose a smaller file.",
    files_too_large: "Together the files are {sum}, and there is room for {size}. Remove some of them. You can send the rest in a \
        new message: give the reference of this one in it, so that they can be read together.",
    too_many_files: Plural::new(
        "There are too many files. You can send one at a time. You can send the rest in a new message, with the reference of this one.",
        "There are too many files. You can send up to {n} at a time. You can send the rest in a new message, with the reference of this one.",
    ),
    file_empty: "“{name}” is an empty file. Choose it again, or send the message without it.",
    file_type: "“{name}” is a type of file that we cannot take here. Choose a file that ends in {types}.",
    file_locked: "“{name}” is locked with a password, and the mail room cannot open it. Save the file without a password, and choose it again.",

    // Receipt
    receipt_heading: "We have received your message",
    receipt_reference: "Reference",
    receipt_what_next: "The message is encrypted. It now goes on to the mail room, and only they can open it.\n\n\
        The mail room gives the message to those of us who will look at it. {answer}\n\n\
        We send no receipt by e-mail or text message.\n\n\
        If you are in danger now, call the police on 112.",
    receipt_answered: "They will answer in the way you have chosen.",
    receipt_no_way: "We do not know how we can safely reach you, so as a rule we cannot answer.",
    receipt_unwanted: "You have asked us not to contact you, so you will get no answer.",
    receipt_keep: "Write down the reference if it is safe for you to have it. It does not show what you have \
        written, and you only need it if you want to ask about the message or send more later. This page opens for a quarter of an \
        hour only.",
    receipt_leave: "Leave this page now",
    receipt_received: "Received {time}",
    receipt_files: Plural::new(
        "One attachment came with it ({size}).",
        "{n} attachments came with it ({size} together).",
    ),
    receipt_print: "Print this page",
    receipt_print_by_hand: "If you want this page on paper or as a PDF, you can print it from the browser’s menu.",
    receipt_signed_heading: "Signed receipt",
    receipt_signed: "If you have a time limit to meet, you can use this text to show that your message arrived in time. We have \
        signed it, and anybody can check it. It does not say who you are, or what you wrote.\n\n\
        Save the text as it stands, and change nothing in it. On paper it is also a QR code.",
    receipt_signed_save: "Save the signed receipt as a file",
    receipt_signed_qr: "The signed receipt as a QR code",
    receipt_signed_words: "Receipt from {authority}.\n\n\
        We have received a message with the reference below. At the time given here it was sealed and stored with us. \
        The receipt does not say what the message is about, or who wrote it.",
    copy_offer_heading: "Do you want a copy?",
    copy_offer: "You can open a copy of what you sent, once and within one minute. After that we cannot show it either. \
        Open it only if nobody else can see the screen or what you save. The browser may take a picture of the page.",
    copy_open: "Open the copy",
    copy_heading: "Copy of what you sent",
    copy_once: "The copy is shown this one time. Print it or save it now, if that is safe. If you close this page or load it \
        again, the copy is gone.",
    copy_files: "Attachments",
    copy_back: "Back to the receipt",
    copy_gone_title: "The copy is gone",
    copy_gone: "The copy can be opened once, within one minute after the message was sent. We have received the message. You \
        do not have to send it again.",
    receipt_over_title: "The receipt is no longer shown",
    receipt_over: "A receipt is shown for a quarter of an hour, and then it is gone. What was sent, we have received. It \
        does not have to be sent again.\n\n\
        If you noted the reference, you can give it when you contact us. If you do not have it, you can say roughly \
        when it was sent.",

    // Closed, and what goes wrong
    closed_title: "The form is closed at the moment",
    closed_text: "Are you in danger now? Call 112.\n\n\
        The form is closed for a while because we cannot lock messages safely. You are welcome to try again \
        later. If it is urgent, you can phone.\n\n\
        Do not send sensitive information by ordinary e-mail instead. Write a letter, or wait until the form is \
        open.",
    wrong_title: "Something went wrong",
    not_found: "We cannot find this page. Check that the address is written correctly, or start at the front \
        page.",
    not_received: "We have not received your message. The fault is ours, not yours.\n\n\
        Try again in a little while. If it is urgent, you can phone, and you can also write to us in an ordinary \
        letter.",
    no_attachments: "We cannot take attachments at the moment, and we have not received your message. Your text is still \
        here.\n\n\
        You can send it without attachments. If it is urgent, you can phone.",
    no_attachments_now: "We cannot take attachments at the moment. You can send your message without any.",
    text_is_here: "What you wrote is still here.",
    broken_upload: "The message did not arrive complete, and we have not received it. Check what is here, and send it again.",
    empty_page: "Your browser sent an empty page, and we have received nothing. What you wrote did not come along. Write it \
        again here, or go back and try once more. If it happens again, try another browser.",
    too_large: "What you sent was too large, and we have not received the message. Remove large files or shorten the text, and send it again.",
    limited: "Unusually many messages have come from the network you are using, so we do not accept more from there at \
        the moment. This need not have anything to do with you.\n\n\
        We have not received your message. Send it again in ten minutes, or from another network. If it is urgent, you \
        can phone. If you are in danger, call the police on 112.",
    cross_site: "We have not received anything from you. The form was sent from another website, so we did not \
        accept it.\n\n\
        What was sent is here. If you wrote it yourself, look it over, and send it from here.",
    wrong_method: "This address cannot be used in that way. Open the form from the front page.",
    gone: "What you wrote is gone. So that nobody else finds it, we keep it for one minute at most. Write it again \
        in the form.",
    back_to_form: "Open the form",
    front_page: "To the front page",
    our_site: "Our website",
    accessibility: "Accessibility statement",
    new_tab: "(new tab)",

    safety_back: "Back to the form",

    // Safety page, and how the letter is sealed
    safety_title: "Advice before you write",
    safety_intro: "You know your own situation best. Follow the advice that is safe for you, and leave the rest.\n\n\
        Safest is a phone or computer that the other person has never had access to, for example at the library or \
        with someone you trust.",
    safety_text: "# Use a private window\n\n\
        Then the pages do not stay in the browser history once you have closed the window. It does not help \
        against someone who sees the screen, or against a program that watches the device.\n\n\
        Whoever runs the network you are connected to can see that you have been on this website, but not \
        what you have written.\n\n\
        # The browser history\n\n\
        In an ordinary window, the address of this form stays in the browser history until you remove it. \
        Remove only these entries, and any searches that led you here. Do not clear the whole history: an \
        empty history can raise suspicion.\n\n\
        # History shared between devices\n\n\
        The history can be shared between devices that are signed in to the same account, such as a tablet, a \
        computer or a TV. See whether the address shows up there too.\n\n\
        # The call log\n\n\
        When you phone someone, the number stays in the call log of the phone, and it may appear on the bill. \
        Remove only that one call from the log, or phone from another telephone.\n\n\
        # Words that the keyboard remembers\n\n\
        The keyboard of a phone can remember words that you type, and suggest them later. A private window \
        prevents that on some phones, but not on all. You can also turn word suggestions off while you write.\n\n\
        # The picture in the overview of open apps\n\n\
        The overview of open apps shows a picture of the last page you saw. Close the tab when you are done, \
        and then close the browser in the overview.\n\n\
        # Files and pictures\n\n\
        Files that you attach are still on the device afterwards. A picture can show when and where it was \
        taken. We do not change the files unless you ask us to, because they may be evidence.\n\n\
        # Hidden programs and location\n\n\
        Someone may have put a hidden program on your phone, or may see where you are through location \
        sharing or a shared account. If you think so, write from another device. Do not turn off or remove \
        anything until you have had advice, because the other person may notice it.\n\n\
        # The “Leave this page” button\n\n\
        The button takes you to another website at once. What you have written and not sent is then gone. But \
        the button does not remove the address from the browser history.",

    encryption_title: "How the message is encrypted",
    encryption_intro: "Encrypted means that the message is locked, and that only those who have the key can read it.",
    encryption_steps: "You write in the form, and what you send goes over an encrypted connection to our server.\n\n\
        The server locks the message at once, and what is stored is always locked.\n\n\
        Once the message is locked, neither the server nor those who run it can read it again.\n\n\
        The locked message goes on as e-mail, and the e-mail shows neither what you have written nor your name.\n\n\
        Only the mail room, the people who receive our mail, has the keys that can open the message.",
    encryption_kept: Plural::new(
        "You get a receipt only once the locked message is stored on one machine of ours.",
        "You get a receipt only once the locked message is stored on {n} machines of ours.",
    ),
    encryption_recipients: "Who can open the message",
    encryption_daily: "Key in daily use",
    encryption_recovery: "Spare key, locked away in case the daily one is lost",
    encryption_fingerprint: "Fingerprint",
    encryption_certificate: "Show the certificate as text",
    encryption_certificate_save: "Save the certificate as a file (it stays on the device)",
    encryption_check_heading: "How to check the keys",
    encryption_check: "You do not have to do this to write to us. It is for anyone who wants to be sure that nobody has swapped \
        the keys on this page.\n\n\
        Phone our switchboard, ask for the mail room and have the fingerprints read out. Look the number up \
        somewhere other than on this page. You can also see whether the same fingerprints are on our ordinary \
        website. Type its address yourself.\n\n\
        If a single character differs, do not send anything here, but tell us.",
    encryption_limits_heading: "What the encryption cannot do",
    encryption_limits: "At the moment your message arrives, before it is locked, whoever controls the server could read it. Once \
        it is locked, nobody but the mail room can.\n\n\
        Encryption does not hide that you have been on this website, and it does not protect you from someone \
        who sees the screen or watches your device.\n\n\
        Once the mail room has opened the message, it is treated by the same rules as a letter: those who work \
        on the case are bound to secrecy, and the message is kept in the archive.",

    // Only where a script runs
    live_shift: "If you have a keyboard, you can press Shift three times in a row instead.",
    live_press1: "Shift. Press twice more to leave this page.",
    live_press2: "Shift. Press once more to leave this page.",
    live_press3: "Leaving this page.",
    live_press_expired: "That took too long. You are still on this page.",
    live_file_remove: "Remove",
    live_file_removed: "“{name}” has been removed.",
    live_files_used: "Used {size} of {limit}.",
    live_file_unreadable: "“{name}” cannot be read from your device. It may have been moved, deleted or not downloaded. \
        Choose it again, or remove it.",
    live_files_wrong: "Nothing has been sent yet. Check the files.",
    live_choose: Plural::new("Choose a file", "Choose files"),
    live_left: "Characters left: {n}",
    live_over: "Characters too many: {n}",
    live_picture_place: "This picture shows where it was taken.",
    live_picture_smaller: "Make smaller and remove the place",
    live_pictures_smaller: "Make all pictures smaller and remove the place",
    live_picture_lost: "You can make pictures smaller. They will be a little less sharp, and will no longer show when and where they \
        were taken. If a picture is evidence, it is usually best to send it as it is.",
    live_picture_original: "Restore the original",
    live_picture_made: "“{name}” is now {size}, without time and place.",
    live_picture_unmade: "“{name}” cannot be made smaller here.",
    live_progress: "How much has been sent",
    live_sending: "Sending. Keep this page open.",
    live_sending_button: "Sending …",
    live_amount: "{sent} of {all}",
    live_cancel: "Cancel sending",
    live_cancelled: "You cancelled. What you have written, and your files, are still here.",
    live_unturned: "We could not get the form in the other language. What you have written is still here. Try again when you are \
        online.",
    live_part: "{n} per cent has been sent.",
    live_wait: "Everything has been sent. We are waiting to hear that the message was received.",
    live_unsure: "The connection was lost, and we do not know whether the message arrived. What you have written is still \
        here. Press “Send the message” again when you are back online. Do not change anything first: then there is \
        only one message, even if the first one arrived.",

    // Privacy notice
    privacy_title: "Privacy",
    privacy_text: "The form uses no cookies, fetches nothing from other websites and keeps no log of who visits it.",
    privacy_controller: "Who is responsible",
    privacy_dpo: "Data protection officer",
    privacy_purpose: "What we use the information for",
    privacy_legal_basis: "What allows us to do so",
    privacy_recipients: "Who can see it",
    privacy_storage: "How long we keep it",
    privacy_voluntary: "Do you have to answer?",
    privacy_rights: "Your rights",
    privacy_complaint: "If you want to complain",

    // Inside the letter
    letter_reference: "Reference",
    letter_received: "Received",
    letter_language: "Language of the form",
    letter_form: "Form",
    letter_authority: "To",
    letter_files: "Attachments",
    letter_no_files: "No attachments",
    letter_bytes: "{n} bytes",
    letter_not_answered: "Not answered",
    letter_contact_unanswered: "not answered. Assume that it is NOT safe to make contact",
    letter_contact_unknown: "The form does not ask whether it is safe to make contact. Consider that before you \
        phone or write to the sender.",
    letter_national_id_unsure: "The check digits do not fit. The number may have been mistyped.",
    letter_national_id_no_day: "The date in the number does not exist. The number may have been mistyped.",
    letter_national_id_synthetic: "This is a test number (a synthetic national identity number). It belongs to nobody.",
    letter_national_id_help: "The month in the number is 40 too high: a temporary number from the health services, \
        or a test number.",
    letter_national_id_shared_help: "This is a shared temporary number from the health services, not a national identity number. It \
        is used for patients whose number is not known, and does not show when somebody was born.",
    letter_national_id_nav: "The month in the number is 20 too high: a number that NAV uses internally, or a test number.",
    letter_national_id_test: "The month in the number is 60 or 65 too high: a test number of NAV or Norsk helsenett. It belongs \
        to nobody.",
    letter_not_asked: "Going by the other answers, the form did not ask for this. The sender confirmed that it is to \
        be sent.",
    letter_left_empty: "The answer belongs to something that the sender chose. The sender confirmed that the message is to be sent \
        without it.",
    letter_hidden: "The answer has characters that cannot be seen or that change the direction of the text. They are left out here and are in letter.json.",
    letter_test: "This is a test message. It does not come from a citizen and is not to be registered in the \
        archive.",
    letter_automatic: "This message may have been sent by a program: the page came back unusually fast, or a field that nobody sees was filled in. The sender may still be a person.",
    letter_encoding: "The browser did not say how the text was encoded. Some characters, such as æ, ø and å, may have been read wrongly.",
    letter_left_out: "The message could not be encrypted to {name}. Tell the operator.",
    letter_expires: Plural::new(
        "The key {name} expires in one day. Make a new key or extend this one now, and give the operator the new certificate. Otherwise the form will close.",
        "The key {name} expires in {days} days. Make a new key or extend this one now, and give the operator the new certificate. Otherwise the form will close.",
    ),
};
