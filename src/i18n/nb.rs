//! The texts in Norwegian bokmål.

use super::plural_rule::ONE;
use super::{Catalog, Direction, Lang, Language, Plural};

pub(super) const LANGUAGE: Language = Language {
    code: "nb",
    own_name: "Bokmål",
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
    skip: "Gå rett til innholdet",
    exit: "Forlat siden",
    exit_hidden: "Nødutgang, går straks til et annet nettsted: ",
    languages: "Velg språk",

    // List of forms
    list_title: "Skriv til oss",
    list_intro: "Velg skjemaet du vil fylle ut. Det du sender, blir kryptert med én gang vi tar imot det.",

    // The form
    must_fill: "Må fylles ut",
    optional: "Valgfritt",
    only_must: "Du trenger bare å svare på det som er merket «Må fylles ut».",
    all_but_optional: "Alt må fylles ut, bortsett fra det som er merket «Valgfritt».",
    max_chars: Plural::new("Du kan skrive ett tegn.", "Du kan skrive inntil {n} tegn."),
    choose: "Velg",
    files_limit: Plural::new(
        "Du kan legge ved én fil, inntil {size}.",
        "Du kan legge ved inntil {n} filer, til sammen inntil {size}.",
    ),
    files_types: "Filtyper vi tar imot: {types}.",
    files_of_any_type: "Alle slags filer kan sendes, også bilder, lyd og film.",
    files_again_before: "Hvis noe må rettes før skjemaet kan sendes, eller hvis du bytter språk, må du velge filene på nytt.",
    files_again_now: "Har du valgt filer, er de ikke med lenger. Velg dem på nytt før du sender.",
    leave_empty: "La denne ruten stå tom",
    send: "Send meldingen",
    step_of: "Steg {n} av {all}",
    review: "Se over svarene",
    review_heading: "Se over svarene før du sender",
    review_change: "Endre",
    review_nothing: "Ikke besvart",
    review_failed: "Svarene kan ikke vises nå. Se om du har nett, og prøv på nytt. Det du har skrevet, står her fortsatt.",
    step_next: "Neste",
    step_back: "Tilbake",
    send_wait: "Store filer kan ta noen minutter. Trykker du to ganger, blir det likevel bare én melding.",
    safety_link: "Kan noen se hva du gjør her?",
    before_text: "Knappen «Forlat siden» tar deg straks til et annet nettsted.\n\n\
        Sidene du åpner her, også kvitteringen, blir stående i nettleserloggen til du selv fjerner dem. Det kan \
        vi ikke gjøre for deg.\n\n\
        {kept}\n\n\
        Vi kan ikke skjule siden for noen som ser på skjermen, eller for et program som overvåker enheten.",
    kept_nothing: "Vi lagrer ingenting av det du skriver, på denne enheten.",
    kept_by_browser: "Nettleseren kan ta vare på e-postadressen, telefonnummeret og postnummeret du skriver her, og foreslå \
        dem for andre som bruker enheten.",
    lost_by_leaving: "Lukker du siden, laster den på nytt eller går tilbake før du har sendt, er det du har skrevet, borte.",
    lost_by_leaving_steps: "Lukker du siden eller laster den på nytt før du har sendt, er det du har skrevet, borte. Mellom stegene kan du gå \
        fram og tilbake.",
    before_heading: "Før du skriver",
    encryption_link: "Slik blir meldingen kryptert",
    sealed_note: "Meldingen blir kryptert med én gang vi tar imot den, og bare postmottaket kan åpne den.",
    checked: "Opplysningene ble sist kontrollert {date}.",
    phones: "Her kan du ringe",
    more_phones: "Flere du kan ringe",
    other_ways: "Andre måter å nå oss på",
    day: "Dag",
    month: "Måned",
    year: "År",

    // Problems
    error_prefix: "Feil: ",
    problems: Plural::new(
        "Rett opp dette, og send på nytt",
        "Rett opp disse {n} feilene, og send på nytt",
    ),
    problems_kept: "Ingenting er sendt ennå. Det du har skrevet, står her fortsatt.",
    fill_in: "«{label}» må fylles ut. Skriv inn et svar.",
    fill_in_date: "«{label}» må fylles ut. Skriv dag, måned og år med tall, for eksempel 1 5 2026.",
    choose_one: "«{label}» må ha et svar. Velg blant alternativene.",
    choose_file: "«{label}» mangler en fil. Velg en fil fra enheten din.",
    too_long: "«{label}» kan ha høyst {max} tegn, og nå er det {n}. Kort ned teksten.",
    bad_email: "«{label}»: Skriv hele e-postadressen, for eksempel navn@eksempel.no.",
    bad_email_ending: "«{label}»: Adressen mangler slutten, for eksempel .no. Skriv hele adressen.",
    bad_phone: "«{label}»: Skriv telefonnummeret med 8 siffer. Utenlandske nummer begynner med + \
        og landkoden.",
    bad_national_id: "«{label}»: Skriv alle de 11 sifrene. Se om et siffer mangler, eller om det er ett for mye.",
    bad_postal_code: "«{label}»: Skriv postnummeret med 4 siffer, for eksempel 0150.",
    bad_reference: "«{label}»: Skriv referansen slik den sto på kvitteringen, for eksempel K7F-3K9Q-2MX. Ett eller flere \
        tegn stemmer ikke.",
    date_part_missing: "«{label}» mangler {part}. Skriv dag, måned og år med tall, for eksempel 1 5 2026.",
    bad_date_part: "«{label}»: Skriv {part} som et tall fra 1 til {max}.",
    bad_year: "«{label}»: Skriv året med fire siffer, for eksempel 2026.",
    bad_date: "«{label}»: {date} er ikke en dag som finnes. Se over dag og måned.",
    bad_choice: "«{label}» har et svar som ikke står på listen. Velg et svar fra listen.",
    not_together: "Du har valgt {choice}, men også {answers}. Ta bort det som ikke gjelder.",
    stopped: "Meldingen er ikke sendt, for du har valgt {choice}. {text}",
    bad_character: "«{label}» hadde et usynlig tegn som ikke kan sendes. Det følger noen ganger med tekst som er \
        limt inn. Vi har tatt det bort eller satt et mellomrom i stedet. Se over det som står her, og send på nytt.",
    repeated: "«{label}» kom to ganger. Se over svaret her, og send på nytt.",
    unknown_field: "Siden sendte noe som skjemaet ikke spør om. Skjemaet kan ha blitt endret mens du skrev. Se over det du har skrevet, og send på nytt.",
    not_asked: "«{label}» er fylt ut, men hører bare med når du har valgt {answers} på «{question}». Endre svaret der, \
        slett teksten her, eller kryss av for at den skal sendes likevel.",
    confirm: "Send det som står i denne delen, likevel",
    confirm_field: "Send «{label}» likevel",
    not_filled_in: "Du har valgt {answers}, men «{label}» er ikke fylt ut. Skriv svaret, eller kryss av for at meldingen \
        skal sendes uten.",
    confirm_without: "Send likevel, uten «{label}»",
    quoted: "«{text}»",
    alternatives: " eller ",
    conjunction: " og ",
    file_too_large: "«{name}» er for stor. Filene kan til sammen være inntil {size}. Velg en mindre fil.",
    files_too_large: "Filene er til sammen {sum}, og det er plass til {size}. Ta bort noen. Resten kan du sende i en ny \
        melding: Skriv da referansen fra denne i den nye, så hører de sammen.",
    too_many_files: Plural::new(
        "Det er for mange filer. Du kan sende én fil om gangen. Send gjerne resten i en ny melding, med referansen fra denne.",
        "Det er for mange filer. Du kan sende inntil {n} om gangen. Send gjerne resten i en ny melding, med referansen fra denne.",
    ),
    file_empty: "«{name}» er en tom fil. Velg den på nytt, eller send meldingen uten den.",
    file_type: "«{name}» er en filtype vi ikke kan ta imot her. Velg en fil som slutter på {types}.",
    file_locked: "«{name}» er låst med passord, og postmottaket kan ikke åpne den. Lagre filen uten passord, og velg den på nytt.",

    // Receipt
    receipt_heading: "Vi har fått meldingen din",
    receipt_reference: "Referanse",
    receipt_what_next: "Meldingen er kryptert og går nå videre til postmottaket. Bare de kan åpne den.\n\n\
        Postmottaket gir meldingen til dem hos oss som skal se på den. {answer}\n\n\
        Vi sender ingen kvittering på e-post eller SMS.\n\n\
        Er du i fare nå, så ring politiet på 112.",
    receipt_answered: "De svarer på den måten du har valgt.",
    receipt_no_way: "Vi vet ikke hvordan vi trygt kan nå deg, og da kan vi som regel ikke svare.",
    receipt_unwanted: "Du har bedt om at vi ikke tar kontakt, og derfor får du ikke svar.",
    receipt_keep: "Skriv ned referansen hvis det er trygt for deg å ha den. Den viser ikke hva du har skrevet, og \
        du trenger den bare hvis du vil spørre om meldingen eller sende mer senere. Denne siden kan bare åpnes i et kvarter.",
    receipt_leave: "Forlat siden nå",
    receipt_received: "Mottatt {time}",
    receipt_files: Plural::new(
        "Ett vedlegg fulgte med ({size}).",
        "{n} vedlegg fulgte med (til sammen {size}).",
    ),
    receipt_print: "Skriv ut denne siden",
    receipt_print_by_hand: "Vil du ha denne siden på papir eller som PDF, kan du skrive den ut fra menyen i nettleseren.",
    receipt_signed_heading: "Signert kvittering",
    receipt_signed: "Har du en frist, kan du bruke denne teksten til å vise at meldingen kom fram i tide. Den er signert av oss, og \
        alle kan kontrollere den. Den sier ikke hvem du er, eller hva du skrev.\n\n\
        Lagre teksten slik den står, uten å endre noe. På papir står den også som en QR-kode.",
    receipt_signed_save: "Lagre den signerte kvitteringen som fil",
    receipt_signed_qr: "Den signerte kvitteringen som QR-kode",
    receipt_signed_words: "Kvittering fra {authority}.\n\n\
        Vi har fått en melding med referansen under. På det tidspunktet som står her, var den forseglet og lagret hos oss. \
        Kvitteringen sier ikke hva meldingen handler om, eller hvem som skrev den.",
    copy_offer_heading: "Vil du ha en kopi?",
    copy_offer: "Du kan åpne en kopi av det du sendte, én gang og innen ett minutt. Etterpå kan heller ikke vi vise den. \
        Åpne den bare hvis ingen andre kan se skjermen eller det du lagrer. Nettleseren kan ta et bilde av siden.",
    copy_open: "Åpne kopien",
    copy_heading: "Kopi av det du sendte",
    copy_once: "Kopien vises denne ene gangen. Skriv den ut eller lagre den nå, hvis det er trygt. Lukker du siden eller \
        laster den på nytt, er den borte.",
    copy_files: "Vedlegg",
    copy_back: "Tilbake til kvitteringen",
    copy_gone_title: "Kopien er borte",
    copy_gone: "Kopien kan åpnes én gang, og innen ett minutt etter at meldingen ble sendt. Meldingen har vi fått. Du \
        trenger ikke å sende den på nytt.",
    receipt_over_title: "Kvitteringen vises ikke lenger",
    receipt_over: "En kvittering vises i et kvarter og er så borte. Det som ble sendt, har vi fått. Det trenger ikke \
        sendes på nytt.\n\n\
        Har du notert referansen, kan du oppgi den når du tar kontakt med oss. Har du den ikke, kan du si omtrent når \
        det ble sendt.",

    // Closed, and what goes wrong
    closed_title: "Skjemaet er stengt nå",
    closed_text: "Er du i fare nå? Ring 112.\n\n\
        Skjemaet er stengt en stund fordi vi ikke kan låse meldinger trygt. Du må gjerne prøve igjen senere. \
        Haster det, kan du ringe.\n\n\
        Ikke send sensitive opplysninger på vanlig e-post i stedet. Skriv heller et brev, eller vent til \
        skjemaet er åpent.",
    wrong_title: "Noe gikk galt",
    not_found: "Vi finner ikke denne siden. Se om adressen er skrevet riktig, eller begynn på forsiden.",
    not_received: "Vi har ikke fått meldingen din. Det var en feil hos oss, ikke hos deg.\n\n\
        Prøv igjen om litt. Haster det, kan du ringe, og du kan også skrive til oss i et vanlig brev.",
    no_attachments: "Akkurat nå kan vi ikke ta imot vedlegg, og vi har ikke fått meldingen din. Teksten din står her \
        fortsatt.\n\n\
        Du kan sende den uten vedlegg. Haster det, kan du ringe.",
    no_attachments_now: "Akkurat nå kan vi ikke ta imot vedlegg. Du kan sende meldingen uten.",
    text_is_here: "Det du skrev, står her fortsatt.",
    broken_upload: "Meldingen kom ikke hel fram, og vi har ikke fått den. Se over det som står her, og send på nytt.",
    empty_page: "Nettleseren din sendte en tom side, og vi har ikke fått noe. Det du skrev, kom ikke med. Skriv det på nytt \
        her, eller gå tilbake og prøv igjen. Skjer det flere ganger, så prøv en annen nettleser.",
    too_large: "Det du sendte, var for stort, og vi har ikke fått meldingen. Ta bort store filer eller kort ned teksten, og send på nytt.",
    limited: "Det har kommet uvanlig mange meldinger fra nettet du bruker, og derfor tar vi ikke imot flere derfra akkurat \
        nå. Det trenger ikke ha noe med deg å gjøre.\n\n\
        Vi har ikke fått meldingen din. Send den på nytt om ti minutter, eller fra et annet nett. Haster det, kan du \
        ringe. Er du i fare, så ring politiet på 112.",
    cross_site: "Vi har ikke fått noe fra deg. Skjemaet ble sendt fra et annet nettsted, og da tar vi ikke imot \
        det.\n\n\
        Det som ble sendt, står her. Har du skrevet det selv, så se over det, og send det herfra.",
    wrong_method: "Denne adressen kan ikke brukes på den måten. Åpne skjemaet fra forsiden.",
    gone: "Det du skrev, er borte. For at andre ikke skal finne det, tar vi vare på det i høyst ett minutt. Skriv \
        det på nytt i skjemaet.",
    back_to_form: "Åpne skjemaet",
    front_page: "Til forsiden",
    our_site: "Nettstedet vårt",
    accessibility: "Tilgjengelighetserklæring",
    new_tab: "(ny fane)",

    safety_back: "Tilbake til skjemaet",

    // Safety page, and how the letter is sealed
    safety_title: "Råd før du skriver",
    safety_intro: "Du kjenner din egen situasjon best. Følg de rådene som er trygge for deg, og la de andre ligge.\n\n\
        Det sikreste er en telefon eller PC som den andre aldri har hatt tilgang til, for eksempel på biblioteket \
        eller hos noen du stoler på.",
    safety_text: "# Bruk et privat vindu\n\n\
        Da blir ikke sidene liggende i nettleserloggen når du har lukket vinduet. Det hjelper ikke mot noen \
        som ser på skjermen, eller mot et program som overvåker enheten.\n\n\
        Den som styrer nettet du er koblet til, kan se at du har vært på dette nettstedet, men ikke hva du \
        har skrevet.\n\n\
        # Nettleserloggen\n\n\
        I et vanlig vindu står adressen til dette skjemaet i nettleserloggen til du fjerner den. Fjern bare \
        disse oppføringene, og eventuelle søk som førte deg hit. Tøm ikke hele loggen, for en tom logg kan \
        vekke mistanke.\n\n\
        # Logg som deles mellom enheter\n\n\
        Loggen kan være delt mellom enheter som er logget inn med samme konto, som nettbrett, PC og TV. Se \
        etter om adressen vises der også.\n\n\
        # Samtaleloggen\n\n\
        Når du ringer, blir nummeret stående i samtaleloggen på telefonen, og det kan komme med på regningen. \
        Fjern bare den ene samtalen fra loggen, eller ring fra en annen telefon.\n\n\
        # Ord som tastaturet husker\n\n\
        Tastaturet på telefonen kan huske ord du skriver, og foreslå dem senere. Et privat vindu hindrer det \
        på noen telefoner, men ikke på alle. Du kan også slå av ordforslag mens du skriver.\n\n\
        # Bildet i oversikten over åpne apper\n\n\
        Oversikten over åpne apper viser et bilde av den siste siden du så. Lukk fanen når du er ferdig, og \
        lukk så nettleseren i oversikten.\n\n\
        # Filer og bilder\n\n\
        Filer du legger ved, ligger fortsatt på enheten etterpå. Et bilde kan vise når og hvor det ble tatt. \
        Vi endrer ikke filene uten at du ber om det, for de kan være bevis.\n\n\
        # Skjulte programmer og posisjon\n\n\
        Noen kan ha lagt et skjult program på telefonen din, eller kan se hvor du er gjennom posisjonsdeling \
        eller en felles konto. Tror du det, så skriv fra en annen enhet. Vent med å slå av eller fjerne noe \
        til du har fått råd, for den andre kan merke det.\n\n\
        # Knappen «Forlat siden»\n\n\
        Knappen tar deg straks til et annet nettsted. Det du har skrevet og ikke sendt, er da borte. Men \
        knappen fjerner ikke adressen fra nettleserloggen.",

    encryption_title: "Slik blir meldingen kryptert",
    encryption_intro: "At meldingen er kryptert, betyr at den er låst, og at bare den som har nøkkelen, kan lese den.",
    encryption_steps: "Du skriver i skjemaet, og det du sender, går over en kryptert forbindelse til serveren vår.\n\n\
        Serveren låser meldingen med én gang, og det som blir lagret, er alltid låst.\n\n\
        Når meldingen er låst, kan verken serveren eller de som driver den, lese den igjen.\n\n\
        Den låste meldingen går videre som e-post, og e-posten viser verken hva du har skrevet eller hva du heter.\n\n\
        Bare postmottaket, de som tar imot posten hos oss, har nøklene som kan åpne meldingen.",
    encryption_kept: Plural::new(
        "Du får kvittering først når den låste meldingen er lagret på én maskin hos oss.",
        "Du får kvittering først når den låste meldingen er lagret på {n} maskiner hos oss.",
    ),
    encryption_recipients: "Hvem som kan åpne meldingen",
    encryption_daily: "Nøkkel i daglig bruk",
    encryption_recovery: "Reservenøkkel, ligger innelåst i tilfelle den daglige går tapt",
    encryption_fingerprint: "Fingeravtrykk",
    encryption_certificate: "Vis sertifikatet som tekst",
    encryption_certificate_save: "Lagre sertifikatet som fil (den blir liggende på enheten)",
    encryption_check_heading: "Slik kontrollerer du nøklene",
    encryption_check: "Du trenger ikke gjøre dette for å skrive til oss. Det er for deg som vil være sikker på at ingen har \
        byttet ut nøklene på denne siden.\n\n\
        Ring sentralbordet vårt, be om postmottaket og få fingeravtrykkene lest opp. Finn nummeret et annet sted \
        enn på denne siden. Du kan også se om de samme fingeravtrykkene står på det vanlige nettstedet vårt. Skriv \
        selv inn adressen dit.\n\n\
        Er ett eneste tegn ulikt, så ikke send noe her, men si fra til oss.",
    encryption_limits_heading: "Hva krypteringen ikke kan",
    encryption_limits: "Akkurat når meldingen kommer fram, før den er låst, kan den som styrer serveren, lese den. Når den er \
        låst, kan ingen andre enn postmottaket det.\n\n\
        Krypteringen skjuler ikke at du har vært på dette nettstedet, og den beskytter ikke mot noen som ser på \
        skjermen eller overvåker enheten din.\n\n\
        Når postmottaket har åpnet meldingen, blir den behandlet etter de samme reglene som et brev: De som \
        arbeider med saken, har taushetsplikt, og meldingen blir tatt vare på i arkivet.",

    // Only where a script runs
    live_shift: "Har du tastatur, kan du trykke Shift tre ganger etter hverandre i stedet.",
    live_press1: "Shift. Trykk to ganger til for å forlate siden.",
    live_press2: "Shift. Trykk én gang til for å forlate siden.",
    live_press3: "Forlater siden.",
    live_press_expired: "Det gikk for lang tid. Du er fortsatt på siden.",
    live_file_remove: "Ta bort",
    live_file_removed: "«{name}» er tatt bort.",
    live_files_used: "Brukt {size} av {limit}.",
    live_file_unreadable: "«{name}» kan ikke leses fra enheten. Den kan være flyttet, slettet eller ikke lastet ned. Velg \
        den på nytt, eller ta den bort.",
    live_files_wrong: "Ingenting er sendt ennå. Se på filene.",
    live_choose: Plural::new("Velg fil", "Velg filer"),
    live_left: "Tegn igjen: {n}",
    live_over: "Tegn for mye: {n}",
    live_picture_place: "Bildet viser hvor det ble tatt.",
    live_picture_smaller: "Gjør mindre og ta bort stedet",
    live_pictures_smaller: "Gjør alle bildene mindre og ta bort stedet",
    live_picture_lost: "Du kan gjøre bilder mindre. Da blir de litt mindre skarpe, og de viser ikke lenger når og hvor de ble \
        tatt. Er et bilde et bevis, er det som regel best å sende det slik det er.",
    live_picture_original: "Få tilbake originalen",
    live_picture_made: "«{name}» er nå {size}, uten tid og sted.",
    live_picture_unmade: "«{name}» kan ikke gjøres mindre her.",
    live_progress: "Hvor mye som er sendt",
    live_sending: "Sender. Ikke lukk siden.",
    live_sending_button: "Sender …",
    live_amount: "{sent} av {all}",
    live_cancel: "Avbryt sendingen",
    live_cancelled: "Du avbrøt sendingen. Det du har skrevet, og filene, er her fortsatt.",
    live_unturned: "Vi fikk ikke hentet skjemaet på det andre språket. Det du har skrevet, står her fortsatt. Prøv igjen når du \
        har nett.",
    live_part: "{n} prosent er sendt.",
    live_wait: "Alt er sendt. Vi venter på svar om at meldingen er tatt imot.",
    live_unsure: "Forbindelsen ble brutt, og vi vet ikke om meldingen kom fram. Det du har skrevet, står her fortsatt. \
        Trykk «Send meldingen» igjen når du har nett. Ikke endre noe først: Da blir det bare én melding, også om den \
        første kom fram.",

    // Privacy notice
    privacy_title: "Personvern",
    privacy_text: "Skjemaet bruker ingen informasjonskapsler, henter ingenting fra andre nettsteder og fører ingen \
        logg over hvem som besøker det.",
    privacy_controller: "Hvem som er ansvarlig",
    privacy_dpo: "Personvernombud",
    privacy_purpose: "Hva vi bruker opplysningene til",
    privacy_legal_basis: "Hva som gir oss lov til det",
    privacy_recipients: "Hvem som får se opplysningene",
    privacy_storage: "Hvor lenge vi tar vare på dem",
    privacy_voluntary: "Må du svare?",
    privacy_rights: "Rettighetene dine",
    privacy_complaint: "Hvis du vil klage",

    // Inside the letter
    letter_reference: "Referanse",
    letter_received: "Mottatt",
    letter_language: "Språk i skjemaet",
    letter_form: "Skjema",
    letter_authority: "Til",
    letter_files: "Vedlegg",
    letter_no_files: "Ingen vedlegg",
    letter_bytes: "{n} byte",
    letter_not_answered: "Ikke besvart",
    letter_contact_unanswered: "ikke besvart. Gå ut fra at det IKKE er trygt å ta kontakt",
    letter_contact_unknown: "Skjemaet spør ikke om det er trygt å ta kontakt. Tenk over det før du ringer eller \
        skriver til avsenderen.",
    letter_national_id_unsure: "Kontrollsifrene stemmer ikke. Nummeret kan være skrevet feil.",
    letter_national_id_no_day: "Datoen i nummeret finnes ikke. Nummeret kan være skrevet feil.",
    letter_national_id_synthetic: "Dette er et testnummer (syntetisk fødselsnummer). Det tilhører ingen.",
    letter_national_id_help: "Måneden i nummeret er 40 for høy. Det er et hjelpenummer fra helsetjenesten eller et \
        testnummer.",
    letter_national_id_shared_help: "Dette er et felles hjelpenummer fra helsetjenesten, ikke et fødselsnummer. Det brukes \
        for pasienter uten kjent fødselsnummer, og viser ikke når noen er født.",
    letter_national_id_nav: "Måneden i nummeret er 20 for høy. Det er et nummer som NAV bruker internt, eller et testnummer.",
    letter_national_id_test: "Måneden i nummeret er 60 eller 65 for høy. Det er et testnummer fra NAV eller Norsk helsenett, \
        og det tilhører ingen.",
    letter_not_asked: "Etter de andre svarene spurte ikke skjemaet om dette. Avsenderen har bekreftet at det skal \
        sendes.",
    letter_left_empty: "Svaret hører til noe avsenderen valgte. Avsenderen har bekreftet at meldingen skal sendes uten.",
    letter_hidden: "Svaret har usynlige tegn, eller tegn som snur skriveretningen. De er utelatt her og står i letter.json.",
    letter_test: "Dette er en testmelding. Den kommer ikke fra en innbygger og skal ikke journalføres.",
    letter_automatic: "Denne meldingen kan være sendt av et program: Siden kom tilbake uvanlig fort, eller et felt som ingen ser, var fylt ut. Avsenderen kan likevel være et menneske.",
    letter_encoding: "Nettleseren sa ikke hvordan teksten var kodet. Noen tegn, for eksempel æ, ø og å, kan derfor være lest feil.",
    letter_left_out: "Meldingen kunne ikke krypteres til {name}. Si fra til driftsansvarlig.",
    letter_expires: Plural::new(
        "Nøkkelen {name} går ut om én dag. Lag en ny nøkkel eller forleng denne nå, og gi driftsansvarlig det nye sertifikatet. Ellers stenges skjemaet.",
        "Nøkkelen {name} går ut om {days} dager. Lag en ny nøkkel eller forleng denne nå, og gi driftsansvarlig det nye sertifikatet. Ellers stenges skjemaet.",
    ),
};
