//! The texts in Norwegian nynorsk.

use super::plural_rule::ONE;
use super::{Catalog, Direction, Lang, Language, Plural};

pub(super) const LANGUAGE: Language = Language {
    code: "nn",
    own_name: "Nynorsk",
    plural: ONE,
    decimal: ",",
    group: "\u{a0}",
    date: "{day}.{month}.{year}",
    direction: Direction::LeftToRight,
    called: &[],
};

pub(super) const LANG: Lang = Lang(&LANGUAGE);

pub(super) static CATALOG: Catalog = Catalog {
    lang: LANG,

    // Every page
    skip: "Gå rett til innhaldet",
    exit: "Forlat sida",
    exit_hidden: "Naudutgang, går straks til ein annan nettstad: ",
    languages: "Vel språk",

    // List of forms
    list_title: "Skriv til oss",
    list_intro: "Vel skjemaet du vil fylle ut. Det du sender, blir kryptert med ein gong vi tek imot det.",

    // The form
    must_fill: "Må fyllast ut",
    optional: "Valfritt",
    only_must: "Du treng berre svare på det som er merkt «Må fyllast ut».",
    all_but_optional: "Alt må fyllast ut, bortsett frå det som er merkt «Valfritt».",
    max_chars: Plural::new("Du kan skrive eitt teikn.", "Du kan skrive inntil {n} teikn."),
    choose: "Vel",
    files_limit: Plural::new(
        "Du kan leggje ved éi fil, inntil {size}.",
        "Du kan leggje ved inntil {n} filer, til saman inntil {size}.",
    ),
    files_types: "Filtypar vi tek imot: {types}.",
    files_of_any_type: "Alle slags filer kan sendast, òg bilete, lyd og film.",
    files_again_before: "Dersom noko må rettast før skjemaet kan sendast, eller dersom du byter språk, må du velje filene på nytt.",
    files_again_now: "Har du valt filer, er dei ikkje med lenger. Vel dei på nytt før du sender.",
    leave_empty: "Lat denne ruta stå tom",
    send: "Send meldinga",
    step_of: "Steg {n} av {all}",
    review: "Sjå over svara",
    review_heading: "Sjå over svara før du sender",
    review_change: "Endre",
    review_nothing: "Ikkje svart på",
    review_failed: "Svara kan ikkje visast no. Sjå om du har nett, og prøv på nytt. Det du har skrive, står her framleis.",
    step_next: "Neste",
    step_back: "Tilbake",
    send_wait: "Store filer kan ta nokre minutt. Trykkjer du to gonger, blir det likevel berre éi melding.",
    safety_link: "Kan nokon sjå kva du gjer her?",
    before_text: "Knappen «Forlat sida» tek deg straks til ein annan nettstad.\n\n\
        Sidene du opnar her, òg kvitteringa, blir ståande i nettlesarloggen til du sjølv fjernar dei. Det kan \
        ikkje vi gjere for deg.\n\n\
        {kept}\n\n\
        Vi kan ikkje skjule sida for nokon som ser på skjermen, eller for eit program som overvaker eininga.",
    kept_nothing: "Vi lagrar ikkje noko av det du skriv, på denne eininga.",
    kept_by_browser: "Nettlesaren kan ta vare på e-postadressa, telefonnummeret og postnummeret du skriv her, og foreslå dei \
        for andre som bruker eininga.",
    lost_by_leaving: "Lukkar du sida, lastar ho på nytt eller går tilbake før du har sendt, er det du har skrive, borte.",
    lost_by_leaving_steps: "Lukkar du sida eller lastar ho på nytt før du har sendt, er det du har skrive, borte. Mellom stega kan du gå \
        fram og tilbake.",
    before_heading: "Før du skriv",
    encryption_link: "Slik blir meldinga kryptert",
    sealed_note: "Meldinga blir kryptert med ein gong vi tek imot ho, og berre postmottaket kan opne ho.",
    checked: "Opplysningane blei sist kontrollerte {date}.",
    phones: "Her kan du ringje",
    more_phones: "Fleire du kan ringje",
    other_ways: "Andre måtar å nå oss på",
    day: "Dag",
    month: "Månad",
    year: "År",

    // Problems
    error_prefix: "Feil: ",
    problems: Plural::new(
        "Rett opp dette, og send på nytt",
        "Rett opp desse {n} feila, og send på nytt",
    ),
    problems_kept: "Ingenting er sendt enno. Det du har skrive, står her framleis.",
    fill_in: "«{label}» må fyllast ut. Skriv inn eit svar.",
    fill_in_date: "«{label}» må fyllast ut. Skriv dag, månad og år med tal, til dømes 1 5 2026.",
    choose_one: "«{label}» må ha eit svar. Vel blant alternativa.",
    choose_file: "«{label}» manglar ei fil. Vel ei fil frå eininga di.",
    too_long: "«{label}» kan ha høgst {max} teikn, og no er det {n}. Kort ned teksten.",
    bad_email: "«{label}»: Skriv heile e-postadressa, til dømes namn@eksempel.no.",
    bad_email_ending: "«{label}»: Adressa manglar slutten, til dømes .no. Skriv heile adressa.",
    bad_phone: "«{label}»: Skriv telefonnummeret med 8 siffer. Utanlandske nummer byrjar med + og \
        landkoden.",
    bad_national_id: "«{label}»: Skriv alle dei 11 siffera. Sjå om eit siffer manglar, eller om det er eitt for mykje.",
    bad_postal_code: "«{label}»: Skriv postnummeret med 4 siffer, til dømes 0150.",
    bad_reference: "«{label}»: Skriv referansen slik han stod på kvitteringa, til dømes K7F-3K9Q-2MX. Eitt eller fleire \
        teikn stemmer ikkje.",
    date_part_missing: "«{label}» manglar {part}. Skriv dag, månad og år med tal, til dømes 1 5 2026.",
    bad_date_part: "«{label}»: Skriv {part} som eit tal frå 1 til {max}.",
    bad_year: "«{label}»: Skriv året med fire siffer, til dømes 2026.",
    bad_date: "«{label}»: {date} er ikkje ein dag som finst. Sjå over dag og månad.",
    bad_choice: "«{label}» har eit svar som ikkje står på lista. Vel eit svar frå lista.",
    not_together: "Du har valt {choice}, men òg {answers}. Ta bort det som ikkje gjeld.",
    stopped: "Meldinga er ikkje send, for du har valt {choice}. {text}",
    bad_character: "«{label}» hadde eit usynleg teikn som ikkje kan sendast. Det følgjer nokre gonger med tekst som \
        er limt inn. Vi har teke det bort eller sett eit mellomrom i staden. Sjå over det som står her, og send på nytt.",
    repeated: "«{label}» kom to gonger. Sjå over svaret her, og send på nytt.",
    unknown_field: "Sida sende noko som skjemaet ikkje spør om. Skjemaet kan ha blitt endra medan du skreiv. Sjå over det du har skrive, og send på nytt.",
    not_asked: "«{label}» er fylt ut, men høyrer berre med når du har valt {answers} på «{question}». Endre svaret der, \
        slett teksten her, eller kryss av for at han skal sendast likevel.",
    confirm: "Send det som står i denne delen, likevel",
    confirm_field: "Send «{label}» likevel",
    not_filled_in: "Du har valt {answers}, men «{label}» er ikkje fylt ut. Skriv svaret, eller kryss av for at meldinga \
        skal sendast utan.",
    confirm_without: "Send likevel, utan «{label}»",
    quoted: "«{text}»",
    alternatives: " eller ",
    conjunction: " og ",
    file_too_large: "«{name}» er for stor. Filene kan til saman vere inntil {size}. Vel ei mindre fil.",
    files_too_large: "Filene er til saman {sum}, og det er plass til {size}. Ta bort nokre. Resten kan du sende i ei ny \
        melding: Skriv då referansen frå denne i den nye, så høyrer dei saman.",
    too_many_files: Plural::new(
        "Det er for mange filer. Du kan sende éi fil om gongen. Send gjerne resten i ei ny melding, med referansen frå denne.",
        "Det er for mange filer. Du kan sende inntil {n} om gongen. Send gjerne resten i ei ny melding, med referansen frå denne.",
    ),
    file_empty: "«{name}» er ei tom fil. Vel ho på nytt, eller send meldinga utan ho.",
    file_type: "«{name}» er ein filtype vi ikkje kan ta imot her. Vel ei fil som sluttar på {types}.",
    file_locked: "«{name}» er låst med passord, og postmottaket kan ikkje opne ho. Lagre fila utan passord, og vel ho på nytt.",

    // Receipt
    receipt_heading: "Vi har fått meldinga di",
    receipt_reference: "Referanse",
    receipt_what_next: "Meldinga er kryptert og går no vidare til postmottaket. Berre dei kan opne ho.\n\n\
        Postmottaket gir meldinga til dei hos oss som skal sjå på ho. {answer}\n\n\
        Vi sender inga kvittering på e-post eller SMS.\n\n\
        Er du i fare no, så ring politiet på 112.",
    receipt_answered: "Dei svarar på den måten du har valt.",
    receipt_no_way: "Vi veit ikkje korleis vi trygt kan nå deg, og då kan vi som regel ikkje svare.",
    receipt_unwanted: "Du har bede om at vi ikkje tek kontakt, og derfor får du ikkje svar.",
    receipt_keep: "Skriv ned referansen dersom det er trygt for deg å ha han. Han viser ikkje kva du har skrive, \
        og du treng han berre dersom du vil spørje om meldinga eller sende meir seinare. Denne sida kan berre opnast i eit kvarter.",
    receipt_leave: "Forlat sida no",
    receipt_received: "Motteke {time}",
    receipt_files: Plural::new(
        "Eitt vedlegg følgde med ({size}).",
        "{n} vedlegg følgde med (til saman {size}).",
    ),
    receipt_print: "Skriv ut denne sida",
    receipt_print_by_hand: "Vil du ha denne sida på papir eller som PDF, kan du skrive ho ut frå menyen i nettlesaren.",
    receipt_signed_heading: "Signert kvittering",
    receipt_signed: "Har du ein frist, kan du bruke denne teksten til å vise at meldinga kom fram i tide. Han er signert av oss, og \
        alle kan kontrollere han. Han seier ikkje kven du er, eller kva du skreiv.\n\n\
        Lagre teksten slik han står, utan å endre noko. På papir står han òg som ein QR-kode.",
    receipt_signed_save: "Lagre den signerte kvitteringa som fil",
    receipt_signed_qr: "Den signerte kvitteringa som QR-kode",
    receipt_signed_words: "Kvittering frå {authority}.\n\n\
        Vi har fått ei melding med referansen under. På det tidspunktet som står her, var ho forsegla og lagra hos oss. \
        Kvitteringa seier ikkje kva meldinga handlar om, eller kven som skreiv ho.",
    copy_offer_heading: "Vil du ha ein kopi?",
    copy_offer: "Du kan opne ein kopi av det du sende, éin gong og innan eitt minutt. Etterpå kan heller ikkje vi vise \
        han. Opne han berre dersom ingen andre kan sjå skjermen eller det du lagrar. Nettlesaren kan ta eit bilete av sida.",
    copy_open: "Opne kopien",
    copy_heading: "Kopi av det du sende",
    copy_once: "Kopien blir vist denne eine gongen. Skriv han ut eller lagre han no, dersom det er trygt. Lukkar du sida eller \
        lastar ho på nytt, er han borte.",
    copy_files: "Vedlegg",
    copy_back: "Tilbake til kvitteringa",
    copy_gone_title: "Kopien er borte",
    copy_gone: "Kopien kan opnast éin gong, og innan eitt minutt etter at meldinga blei send. Meldinga har vi fått. Du \
        treng ikkje sende ho på nytt.",
    receipt_over_title: "Kvitteringa blir ikkje vist lenger",
    receipt_over: "Ei kvittering blir vist i eit kvarter og er så borte. Det som blei sendt, har vi fått. Det treng ikkje \
        sendast på nytt.\n\n\
        Har du notert referansen, kan du oppgi han når du tek kontakt med oss. Har du han ikkje, kan du seie omtrent \
        når det blei sendt.",

    // Closed, and what goes wrong
    closed_title: "Skjemaet er stengt no",
    closed_text: "Er du i fare no? Ring 112.\n\n\
        Skjemaet er stengt ei stund fordi vi ikkje kan låse meldingar trygt. Prøv gjerne igjen seinare. Hastar \
        det, kan du ringje.\n\n\
        Ikkje send sensitive opplysningar på vanleg e-post i staden. Skriv heller eit brev, eller vent til \
        skjemaet er ope.",
    wrong_title: "Noko gjekk gale",
    not_found: "Vi finn ikkje denne sida. Sjå om adressa er rett skriven, eller start på framsida.",
    not_received: "Vi har ikkje fått meldinga di. Det var ein feil hos oss, ikkje hos deg.\n\n\
        Prøv igjen om litt. Hastar det, kan du ringje, og du kan òg skrive til oss i eit vanleg brev.",
    no_attachments: "Akkurat no kan vi ikkje ta imot vedlegg, og vi har ikkje fått meldinga di. Teksten din står her \
        framleis.\n\n\
        Du kan sende han utan vedlegg. Hastar det, kan du ringje.",
    no_attachments_now: "Akkurat no kan vi ikkje ta imot vedlegg. Du kan sende meldinga utan.",
    text_is_here: "Det du skreiv, står her framleis.",
    broken_upload: "Meldinga kom ikkje heil fram, og vi har ikkje fått ho. Sjå over det som står her, og send på nytt.",
    empty_page: "Nettlesaren din sende ei tom side, og vi har ikkje fått noko. Det du skreiv, kom ikkje med. Skriv det på nytt \
        her, eller gå tilbake og prøv igjen. Skjer det fleire gonger, så prøv ein annan nettlesar.",
    too_large: "Det du sende, var for stort, og vi har ikkje fått meldinga. Ta bort store filer eller kort ned teksten, og send på nytt.",
    limited: "Det har kome uvanleg mange meldingar frå nettet du bruker, og derfor tek vi ikkje imot fleire derifrå akkurat \
        no. Det treng ikkje ha noko med deg å gjere.\n\n\
        Vi har ikkje fått meldinga di. Send ho på nytt om ti minutt, eller frå eit anna nett. Hastar det, kan du \
        ringje. Er du i fare, så ring politiet på 112.",
    cross_site: "Vi har ikkje fått noko frå deg. Skjemaet blei sendt frå ein annan nettstad, og då tek vi ikkje imot \
        det.\n\n\
        Det som blei sendt, står her. Har du skrive det sjølv, så sjå over det, og send det herfrå.",
    wrong_method: "Denne adressa kan ikkje brukast på den måten. Opne skjemaet frå framsida.",
    gone: "Det du skreiv, er borte. For at andre ikkje skal finne det, tek vi vare på det i høgst eitt minutt. \
        Skriv det på nytt i skjemaet.",
    back_to_form: "Opne skjemaet",
    front_page: "Til framsida",
    our_site: "Nettstaden vår",
    accessibility: "Tilgjengelegheitserklæring",
    new_tab: "(ny fane)",

    safety_back: "Tilbake til skjemaet",

    // Safety page, and how the letter is sealed
    safety_title: "Råd før du skriv",
    safety_intro: "Du kjenner din eigen situasjon best. Følg dei råda som er trygge for deg, og lat dei andre \
        liggje.\n\n\
        Det sikraste er ein telefon eller PC som den andre aldri har hatt tilgang til, til dømes på biblioteket \
        eller hos nokon du stolar på.",
    safety_text: "# Bruk eit privat vindauge\n\n\
        Då blir ikkje sidene liggjande i nettlesarloggen når du har lukka vindauget. Det hjelper ikkje mot \
        nokon som ser på skjermen, eller mot eit program som overvaker eininga.\n\n\
        Den som styrer nettet du er kopla til, kan sjå at du har vore på denne nettstaden, men ikkje kva du \
        har skrive.\n\n\
        # Nettlesarloggen\n\n\
        I eit vanleg vindauge står adressa til dette skjemaet i nettlesarloggen til du fjernar ho. Fjern \
        berre desse oppføringane, og eventuelle søk som førte deg hit. Tøm ikkje heile loggen, for ein tom \
        logg kan vekkje mistanke.\n\n\
        # Logg som blir delt mellom einingar\n\n\
        Loggen kan vere delt mellom einingar som er logga inn med same konto, som nettbrett, PC og TV. Sjå \
        etter om adressa står der òg.\n\n\
        # Samtaleloggen\n\n\
        Når du ringjer, blir nummeret ståande i samtaleloggen på telefonen, og det kan kome med på rekninga. \
        Fjern berre den eine samtalen frå loggen, eller ring frå ein annan telefon.\n\n\
        # Ord som tastaturet hugsar\n\n\
        Tastaturet på telefonen kan hugse ord du skriv, og foreslå dei seinare. Eit privat vindauge hindrar \
        det på nokre telefonar, men ikkje på alle. Du kan òg slå av ordforslag medan du skriv.\n\n\
        # Biletet i oversikta over opne appar\n\n\
        Oversikta over opne appar viser eit bilete av den siste sida du såg. Lukk fana når du er ferdig, og \
        lukk så nettlesaren i oversikta.\n\n\
        # Filer og bilete\n\n\
        Filer du legg ved, ligg framleis på eininga etterpå. Eit bilete kan vise når og kvar det er teke. Vi \
        endrar ikkje filene utan at du bed om det, for dei kan vere bevis.\n\n\
        # Skjulte program og posisjon\n\n\
        Nokon kan ha lagt eit skjult program på telefonen din, eller kan sjå kvar du er, gjennom \
        posisjonsdeling eller ein felles konto. Trur du det, så skriv frå ei anna eining. Vent med å slå av \
        eller fjerne noko til du har fått råd, for den andre kan merke det.\n\n\
        # Knappen «Forlat sida»\n\n\
        Knappen tek deg straks til ein annan nettstad. Det du har skrive og ikkje sendt, er då borte. Men \
        knappen fjernar ikkje adressa frå nettlesarloggen.",

    encryption_title: "Slik blir meldinga kryptert",
    encryption_intro: "At meldinga er kryptert, vil seie at ho er låst, og at berre den som har nøkkelen, kan lese ho.",
    encryption_steps: "Du skriv i skjemaet, og det du sender, går over eit kryptert samband til serveren vår.\n\n\
        Serveren låser meldinga med ein gong, og det som blir lagra, er alltid låst.\n\n\
        Når meldinga er låst, kan verken serveren eller dei som driv han, lese ho igjen.\n\n\
        Den låste meldinga går vidare som e-post, og e-posten viser verken kva du har skrive eller kva du heiter.\n\n\
        Berre postmottaket, dei som tek imot posten hos oss, har nøklane som kan opne meldinga.",
    encryption_kept: Plural::new(
        "Du får kvittering først når den låste meldinga er lagra på éi maskin hos oss.",
        "Du får kvittering først når den låste meldinga er lagra på {n} maskiner hos oss.",
    ),
    encryption_recipients: "Kven som kan opne meldinga",
    encryption_daily: "Nøkkel i dagleg bruk",
    encryption_recovery: "Reservenøkkel, ligg innelåst i tilfelle den daglege går tapt",
    encryption_fingerprint: "Fingeravtrykk",
    encryption_certificate: "Vis sertifikatet som tekst",
    encryption_certificate_save: "Lagre sertifikatet som fil (ho blir liggjande på eininga)",
    encryption_check_heading: "Slik kontrollerer du nøklane",
    encryption_check: "Du treng ikkje gjere dette for å skrive til oss. Det er for deg som vil vere sikker på at ingen har \
        bytt ut nøklane på denne sida.\n\n\
        Ring sentralbordet vårt, be om postmottaket og få fingeravtrykka lesne opp. Finn nummeret ein annan stad \
        enn på denne sida. Du kan òg sjå om dei same fingeravtrykka står på den vanlege nettstaden vår. Skriv \
        sjølv inn adressa dit.\n\n\
        Er eitt einaste teikn ulikt, så ikkje send noko her, men sei frå til oss.",
    encryption_limits_heading: "Kva krypteringa ikkje kan",
    encryption_limits: "Akkurat når meldinga kjem fram, før ho er låst, kan den som styrer serveren, lese ho. Når ho er låst, \
        kan ingen andre enn postmottaket det.\n\n\
        Krypteringa skjuler ikkje at du har vore på denne nettstaden, og ho vernar ikkje mot nokon som ser på \
        skjermen eller overvaker eininga di.\n\n\
        Når postmottaket har opna meldinga, blir ho behandla etter dei same reglane som eit brev: Dei som \
        arbeider med saka, har teieplikt, og meldinga blir teken vare på i arkivet.",

    // Only where a script runs
    live_shift: "Har du tastatur, kan du trykkje Shift tre gonger etter kvarandre i staden.",
    live_press1: "Shift. Trykk to gonger til for å forlate sida.",
    live_press2: "Shift. Trykk éin gong til for å forlate sida.",
    live_press3: "Forlèt sida.",
    live_press_expired: "Det gjekk for lang tid. Du er framleis på sida.",
    live_file_remove: "Ta bort",
    live_file_removed: "«{name}» er teken bort.",
    live_files_used: "Brukt {size} av {limit}.",
    live_file_unreadable: "«{name}» kan ikkje lesast frå eininga. Fila kan vere flytta, sletta eller ikkje lasta ned. Vel \
        ho på nytt, eller ta ho bort.",
    live_files_wrong: "Ingenting er sendt enno. Sjå på filene.",
    live_choose: Plural::new("Vel fil", "Vel filer"),
    live_left: "Teikn igjen: {n}",
    live_over: "Teikn for mykje: {n}",
    live_picture_place: "Biletet viser kvar det blei teke.",
    live_picture_smaller: "Gjer mindre og ta bort staden",
    live_pictures_smaller: "Gjer alle bileta mindre og ta bort staden",
    live_picture_lost: "Du kan gjere bilete mindre. Då blir dei litt mindre skarpe, og dei viser ikkje lenger når og kvar dei blei \
        tekne. Er eit bilete eit bevis, er det som regel best å sende det slik det er.",
    live_picture_original: "Få tilbake originalen",
    live_picture_made: "«{name}» er no {size}, utan tid og stad.",
    live_picture_unmade: "«{name}» kan ikkje gjerast mindre her.",
    live_progress: "Kor mykje som er sendt",
    live_sending: "Sender. Ikkje lukk sida.",
    live_sending_button: "Sender …",
    live_amount: "{sent} av {all}",
    live_cancel: "Avbryt sendinga",
    live_cancelled: "Du avbraut sendinga. Det du har skrive, og filene, er her framleis.",
    live_unturned: "Vi fekk ikkje henta skjemaet på det andre språket. Det du har skrive, står her framleis. Prøv igjen når du \
        har nett.",
    live_part: "{n} prosent er sendt.",
    live_wait: "Alt er sendt. Vi ventar på svar om at meldinga er motteken.",
    live_unsure: "Sambandet blei brote, og vi veit ikkje om meldinga kom fram. Det du har skrive, står her framleis. Trykk \
        «Send meldinga» igjen når du har nett. Ikkje endre noko først: Då blir det berre éi melding, sjølv om den \
        første kom fram.",

    // Privacy notice
    privacy_title: "Personvern",
    privacy_text: "Skjemaet bruker ingen informasjonskapslar, hentar ikkje noko frå andre nettstader og fører ingen \
        logg over kven som vitjar det.",
    privacy_controller: "Kven som er ansvarleg",
    privacy_dpo: "Personvernombod",
    privacy_purpose: "Kva vi bruker opplysningane til",
    privacy_legal_basis: "Kva som gir oss lov til det",
    privacy_recipients: "Kven som får sjå opplysningane",
    privacy_storage: "Kor lenge vi tek vare på dei",
    privacy_voluntary: "Må du svare?",
    privacy_rights: "Rettane dine",
    privacy_complaint: "Dersom du vil klage",

    // Inside the letter
    letter_reference: "Referanse",
    letter_received: "Motteke",
    letter_language: "Språk i skjemaet",
    letter_form: "Skjema",
    letter_authority: "Til",
    letter_files: "Vedlegg",
    letter_no_files: "Ingen vedlegg",
    letter_bytes: "{n} byte",
    letter_not_answered: "Ikkje svart på",
    letter_contact_unanswered: "ikkje svart. Gå ut frå at det IKKJE er trygt å ta kontakt",
    letter_contact_unknown: "Skjemaet spør ikkje om det er trygt å ta kontakt. Tenk over det før du ringjer eller \
        skriv til avsendaren.",
    letter_national_id_unsure: "Kontrollsifra stemmer ikkje. Nummeret kan vere skrive feil.",
    letter_national_id_no_day: "Datoen i nummeret finst ikkje. Nummeret kan vere skrive feil.",
    letter_national_id_synthetic: "Dette er eit testnummer (syntetisk fødselsnummer). Det høyrer ikkje til nokon.",
    letter_national_id_help: "Månaden i nummeret er 40 for høg. Det er eit hjelpenummer frå helsetenesta eller eit \
        testnummer.",
    letter_national_id_shared_help: "Dette er eit felles hjelpenummer frå helsetenesta, ikkje eit fødselsnummer. Det blir brukt \
        for pasientar utan kjent fødselsnummer, og viser ikkje når nokon er fødd.",
    letter_national_id_nav: "Månaden i nummeret er 20 for høg. Det er eit nummer som NAV bruker internt, eller eit testnummer.",
    letter_national_id_test: "Månaden i nummeret er 60 eller 65 for høg. Det er eit testnummer frå NAV eller Norsk helsenett, \
        og det høyrer ikkje til nokon.",
    letter_not_asked: "Etter dei andre svara spurde ikkje skjemaet om dette. Avsendaren har stadfesta at det skal \
        sendast.",
    letter_left_empty: "Svaret høyrer til noko avsendaren valde. Avsendaren har stadfesta at meldinga skal sendast utan.",
    letter_hidden: "Svaret har usynlege teikn, eller teikn som snur skriveretninga. Dei er utelatne her og står i letter.json.",
    letter_test: "Dette er ei testmelding. Ho kjem ikkje frå ein innbyggjar og skal ikkje journalførast.",
    letter_automatic: "Denne meldinga kan vere sendt av eit program: Sida kom tilbake uvanleg fort, eller eit felt som ingen ser, var fylt ut. Avsendaren kan likevel vere eit menneske.",
    letter_encoding: "Nettlesaren sa ikkje korleis teksten var koda. Nokre teikn, til dømes æ, ø og å, kan derfor vere lesne feil.",
    letter_left_out: "Meldinga kunne ikkje krypterast til {name}. Sei frå til driftsansvarleg.",
    letter_expires: Plural::new(
        "Nøkkelen {name} går ut om éin dag. Lag ein ny nøkkel eller forleng denne no, og gi driftsansvarleg det nye sertifikatet. Elles blir skjemaet stengt.",
        "Nøkkelen {name} går ut om {days} dagar. Lag ein ny nøkkel eller forleng denne no, og gi driftsansvarleg det nye sertifikatet. Elles blir skjemaet stengt.",
    ),
};
