//! The texts about files, in three languages.

use crate::desk::look::{FileKind as K, Warning};
use crate::i18n::{Count, Each};

/// The texts of this topic in one language.
pub(super) struct FactTexts {
    pub(super) unknown: &'static str,
    pub(super) differs: &'static str,
    pub(super) not_looked_at: &'static str,
    pub(super) files_in_it: Count,
    pub(super) north: &'static str,
    pub(super) south: &'static str,
    pub(super) east: &'static str,
    pub(super) west: &'static str,
}

pub(super) static FACTS: Each<FactTexts> = Each {
    nb: FactTexts {
        unknown: "ukjent filtype",
        differs: "Navnet sier {name}, men innholdet er {content}.",
        not_looked_at: "Filen kunne ikke undersøkes. Den kan være skadet, eller laget for å gjøre skade. Åpne den bare på \
                        en maskin som tåler det.",
        files_in_it: Count {
            one: "Det ligger 1 fil i den.",
            other: "Det ligger {n} filer i den.",
        },
        north: "nord",
        south: "sør",
        east: "øst",
        west: "vest",
    },
    nn: FactTexts {
        unknown: "ukjend filtype",
        differs: "Namnet seier {name}, men innhaldet er {content}.",
        not_looked_at: "Fila kunne ikkje undersøkjast. Ho kan vere skadd, eller laga for å gjere skade. Opne ho berre på \
                        ei maskin som toler det.",
        files_in_it: Count {
            one: "Det ligg 1 fil i ho.",
            other: "Det ligg {n} filer i ho.",
        },
        north: "nord",
        south: "sør",
        east: "aust",
        west: "vest",
    },
    en: FactTexts {
        unknown: "unknown kind of file",
        differs: "Its name says {name}, but its content is {content}.",
        not_looked_at: "The file could not be looked at. It may be damaged, or made to do harm. Open it only on a machine \
                        that can bear that.",
        files_in_it: Count {
            one: "There is 1 file in it.",
            other: "There are {n} files in it.",
        },
        north: "north",
        south: "south",
        east: "east",
        west: "west",
    },
};

/// A picture that cannot be shown: not of such a kind, too large, damaged, no fence, ended.
pub(super) static PREVIEWS: [Each<&str>; 5] = [
    Each {
        nb: "Filer av denne typen vises ikke her.",
        nn: "Filer av denne typen blir ikkje viste her.",
        en: "Files of this kind are not shown here.",
    },
    Each {
        nb: "Bildet er for stort til å vises her.",
        nn: "Biletet er for stort til å visast her.",
        en: "The picture is too large to be shown here.",
    },
    Each {
        nb: "Bildet er skadet eller av en type som ikke kan vises her.",
        nn: "Biletet er skadd eller av ein type som ikkje kan visast her.",
        en: "The picture is damaged, or of a kind that cannot be shown here.",
    },
    Each {
        nb: "Bilder vises ikke på denne maskinen, fordi systemet ikke kan sperre inn programmet som tegner dem.",
        nn: "Bilete blir ikkje viste på denne maskina, fordi systemet ikkje kan sperre inne programmet som teiknar dei.",
        en: "Pictures are not shown on this machine, because its system cannot shut in the program that draws them.",
    },
    Each {
        nb: "Bildet kunne ikke vises: programmet som skulle tegne det, stoppet.",
        nn: "Biletet kunne ikkje visast: programmet som skulle teikne det, stoppa.",
        en: "The picture could not be shown: the program that was to draw it ended.",
    },
];

const fn each(nb: &'static str, nn: &'static str, en: &'static str) -> Each<&'static str> {
    Each { nb, nn, en }
}

/// What a clerk should know before opening a file.
pub(super) fn warning_of(warning: Warning) -> &'static Each<&'static str> {
    let texts = match warning {
        Warning::Executable | Warning::DoubleEnding | Warning::TurnedName | Warning::TypeDiffers => names(warning),
        Warning::Macros | Warning::ActivePage | Warning::Script | Warning::Launches | Warning::ActsWhenOpened => {
            acts(warning)
        }
        _ => None,
    };
    texts.unwrap_or_else(|| tells(warning))
}

fn names(warning: Warning) -> Option<&'static Each<&'static str>> {
    static EXECUTABLE: Each<&str> = each(
        "Filen er et program eller starter et program. Ikke åpne den.",
        "Fila er eit program eller startar eit program. Ikkje opne ho.",
        "The file is a program, or starts one. Do not open it.",
    );
    static DOUBLE: Each<&str> = each(
        "Navnet har to filendelser, så den ser ut som noe annet enn den er. Ikke åpne den.",
        "Namnet har to filendingar, så ho ser ut som noko anna enn ho er. Ikkje opne ho.",
        "Its name has two endings, so that it looks like something else than it is. Do not open it.",
    );
    static TURNED: Each<&str> = each(
        "Navnet har usynlige tegn som snur leseretningen, så filendelsen kan være en annen enn den som vises.",
        "Namnet har usynlege teikn som snur leseretninga, så filendinga kan vere ei anna enn den som blir vist.",
        "Its name has invisible characters that turn the reading direction, so its ending may be another than the one you see.",
    );
    static DIFFERS: Each<&str> = each(
        "Innholdet er av en annen type enn navnet sier. Spør avsenderen, eller åpne den bare på en maskin som tåler det.",
        "Innhaldet er av ein annan type enn namnet seier. Spør avsendaren, eller opne ho berre på ei maskin som toler det.",
        "Its content is of another kind than its name says. Ask the sender, or open it only on a machine that can bear it.",
    );
    match warning {
        Warning::Executable => Some(&EXECUTABLE),
        Warning::DoubleEnding => Some(&DOUBLE),
        Warning::TurnedName => Some(&TURNED),
        Warning::TypeDiffers => Some(&DIFFERS),
        _ => None,
    }
}

fn acts(warning: Warning) -> Option<&'static Each<&'static str>> {
    static MACROS: Each<&str> = each(
        "Dokumentet har makroer. Ikke slå dem på.",
        "Dokumentet har makroar. Ikkje slå dei på.",
        "The document has macros. Do not enable them.",
    );
    static PAGE: Each<&str> = each(
        "Filen er en nettside som kan kjøre programkode. Ikke åpne den i nettleseren.",
        "Fila er ei nettside som kan køyre programkode. Ikkje opne ho i nettlesaren.",
        "The file is a web page, which can run code. Do not open it in a browser.",
    );
    static SCRIPT: Each<&str> = each(
        "PDF-filen har programkode i seg (JavaScript). Åpne den i et program der slikt er slått av.",
        "PDF-fila har programkode i seg (JavaScript). Opne ho i eit program der slikt er slått av.",
        "The PDF has code in it (JavaScript). Open it in a program where that is switched off.",
    );
    static LAUNCHES: Each<&str> = each(
        "PDF-filen ber om å starte et annet program. Ikke la den gjøre det.",
        "PDF-fila ber om å starte eit anna program. Ikkje lat ho gjere det.",
        "The PDF asks to start another program. Do not let it.",
    );
    static OPENED: Each<&str> = each(
        "PDF-filen gjør noe av seg selv når den åpnes. Svar nei hvis du blir spurt om lov.",
        "PDF-fila gjer noko av seg sjølv når ho blir opna. Svar nei viss du blir spurd om lov.",
        "The PDF does something by itself when it is opened. Say no if you are asked to allow it.",
    );
    match warning {
        Warning::Macros => Some(&MACROS),
        Warning::ActivePage => Some(&PAGE),
        Warning::Script => Some(&SCRIPT),
        Warning::Launches => Some(&LAUNCHES),
        Warning::ActsWhenOpened => Some(&OPENED),
        _ => None,
    }
}

/// What is good to know.
fn tells(warning: Warning) -> &'static Each<&'static str> {
    static INSIDE: Each<&str> = each(
        "Det ligger et program i den. Ikke start det.",
        "Det ligg eit program i ho. Ikkje start det.",
        "There is a program in it. Do not start it.",
    );
    static PASSWORD: Each<&str> = each(
        "Den er låst med et passord. Be avsenderen om passordet, eller om filen uten.",
        "Ho er låst med eit passord. Be avsendaren om passordet, eller om fila utan.",
        "It is locked with a password. Ask the sender for it, or for the file without one.",
    );
    static MAYBE: Each<&str> = each(
        "PDF-filen er låst på en måte. Noen slike ber om passord, andre kan bare ikke skrives ut eller endres.",
        "PDF-fila er låst på ein måte. Nokre slike ber om passord, andre kan berre ikkje skrivast ut eller endrast.",
        "The PDF is locked in some way. Some of these ask for a password, others only cannot be printed or changed.",
    );
    static FILES: Each<&str> = each(
        "Det ligger andre filer inne i dokumentet. De er ikke undersøkt.",
        "Det ligg andre filer inne i dokumentet. Dei er ikkje undersøkte.",
        "There are other files inside the document. They were not looked at.",
    );
    static EXTERNAL: Each<&str> = each(
        "Dokumentet vil hente noe fra nettet når det åpnes. Det er ikke hentet her. Åpne det uten nett.",
        "Dokumentet vil hente noko frå nettet når det blir opna. Det er ikkje henta her. Opne det utan nett.",
        "The document wants to fetch something when it is opened. Nothing was fetched here. Open it without a network.",
    );
    static PLACE: Each<&str> = each(
        "Filen forteller hvor den ble laget. Tenk på det før du sender den videre.",
        "Fila fortel kvar ho vart laga. Tenk på det før du sender ho vidare.",
        "The file tells where it was made. Think of that before you hand it on.",
    );
    static DEVICE: Each<&str> = each(
        "Filen forteller hva den ble laget med, eller når.",
        "Fila fortel kva ho vart laga med, eller når.",
        "The file tells what it was made with, or when.",
    );
    static DAMAGED: Each<&str> = each(
        "Filen ser ut til å være skadet eller avkortet. Be avsenderen om den på nytt hvis den ikke lar seg åpne.",
        "Fila ser ut til å vere skadd eller avkorta. Be avsendaren om ho på nytt viss ho ikkje lèt seg opne.",
        "The file seems to be damaged or cut short. Ask the sender for it again if it does not open.",
    );
    static EMPTY: Each<&str> = each(
        "Filen er tom. Be avsenderen om den på nytt.",
        "Fila er tom. Be avsendaren om ho på nytt.",
        "The file is empty. Ask the sender for it again.",
    );
    match warning {
        Warning::ExecutableInside => &INSIDE,
        Warning::Password => &PASSWORD,
        Warning::MaybePassword => &MAYBE,
        Warning::FilesInside => &FILES,
        Warning::External => &EXTERNAL,
        Warning::Place => &PLACE,
        Warning::Device => &DEVICE,
        Warning::Damaged => &DAMAGED,
        _ => &EMPTY,
    }
}

/// What kinds of files are called.
pub(super) static KINDS: [(K, Each<&str>); 50] = [
    (K::Jpeg, each("JPEG-bilde", "JPEG-bilete", "JPEG picture")),
    (K::Png, each("PNG-bilde", "PNG-bilete", "PNG picture")),
    (K::Gif, each("GIF-bilde", "GIF-bilete", "GIF picture")),
    (K::WebP, each("WebP-bilde", "WebP-bilete", "WebP picture")),
    (K::Heic, each("HEIC-bilde", "HEIC-bilete", "HEIC picture")),
    (K::Avif, each("AVIF-bilde", "AVIF-bilete", "AVIF picture")),
    (K::Tiff, each("TIFF-bilde", "TIFF-bilete", "TIFF picture")),
    (K::Bmp, each("BMP-bilde", "BMP-bilete", "BMP picture")),
    (K::Pdf, each("PDF-dokument", "PDF-dokument", "PDF document")),
    (K::Docx, each("Word-dokument", "Word-dokument", "Word document")),
    (K::Xlsx, each("Excel-regneark", "Excel-rekneark", "Excel workbook")),
    (
        K::Pptx,
        each(
            "PowerPoint-presentasjon",
            "PowerPoint-presentasjon",
            "PowerPoint presentation",
        ),
    ),
    (
        K::Doc,
        each("eldre Word-dokument", "eldre Word-dokument", "older Word document"),
    ),
    (
        K::Xls,
        each("eldre Excel-regneark", "eldre Excel-rekneark", "older Excel workbook"),
    ),
    (
        K::Ppt,
        each(
            "eldre PowerPoint-presentasjon",
            "eldre PowerPoint-presentasjon",
            "older PowerPoint presentation",
        ),
    ),
    (
        K::LockedOffice,
        each(
            "Office-fil med passord",
            "Office-fil med passord",
            "Office file with a password",
        ),
    ),
    (
        K::Odt,
        each("OpenDocument-tekst", "OpenDocument-tekst", "OpenDocument text"),
    ),
    (
        K::Ods,
        each(
            "OpenDocument-regneark",
            "OpenDocument-rekneark",
            "OpenDocument spreadsheet",
        ),
    ),
    (
        K::Odp,
        each(
            "OpenDocument-presentasjon",
            "OpenDocument-presentasjon",
            "OpenDocument presentation",
        ),
    ),
    (K::Rtf, each("RTF-dokument", "RTF-dokument", "RTF document")),
    (
        K::OutlookMail,
        each("e-post fra Outlook", "e-post frå Outlook", "mail from Outlook"),
    ),
    (K::Mail, each("e-post", "e-post", "mail")),
    (K::Text, each("tekst", "tekst", "text")),
    (K::Html, each("nettside (HTML)", "nettside (HTML)", "web page (HTML)")),
    (K::Svg, each("SVG-tegning", "SVG-teikning", "SVG drawing")),
    (K::Xml, each("XML-data", "XML-data", "XML data")),
    (K::Zip, each("ZIP-arkiv", "ZIP-arkiv", "ZIP archive")),
    (K::Rar, each("RAR-arkiv", "RAR-arkiv", "RAR archive")),
    (K::SevenZip, each("7z-arkiv", "7z-arkiv", "7z archive")),
    (K::Gzip, each("gzip-pakket fil", "gzip-pakka fil", "gzip file")),
    (K::Tar, each("tar-arkiv", "tar-arkiv", "tar archive")),
    (K::DiskImage, each("diskavbildning", "diskavbilding", "disk image")),
    (K::Exe, each("Windows-program", "Windows-program", "Windows program")),
    (K::Elf, each("Linux-program", "Linux-program", "Linux program")),
    (K::MachO, each("macOS-program", "macOS-program", "macOS program")),
    (K::Jar, each("Java-program", "Java-program", "Java program")),
    (
        K::Installer,
        each("installasjonsprogram", "installasjonsprogram", "installer"),
    ),
    (K::Script, each("skript", "skript", "script")),
    (K::Shortcut, each("snarvei", "snarveg", "shortcut")),
    (K::Mp3, each("MP3-lyd", "MP3-lyd", "MP3 sound")),
    (K::Wav, each("WAV-lyd", "WAV-lyd", "WAV sound")),
    (K::Flac, each("FLAC-lyd", "FLAC-lyd", "FLAC sound")),
    (K::Ogg, each("Ogg-lyd", "Ogg-lyd", "Ogg sound")),
    (K::Amr, each("AMR-lyd", "AMR-lyd", "AMR sound")),
    (K::M4a, each("M4A-lyd", "M4A-lyd", "M4A sound")),
    (K::Mp4, each("MP4-film", "MP4-film", "MP4 film")),
    (K::Mov, each("QuickTime-film", "QuickTime-film", "QuickTime film")),
    (K::Avi, each("AVI-film", "AVI-film", "AVI film")),
    (K::Mkv, each("Matroska-film", "Matroska-film", "Matroska film")),
    (K::OpenPgp, each("OpenPGP-data", "OpenPGP-data", "OpenPGP data")),
];
