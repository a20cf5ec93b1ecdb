// What can be done with a picture, loaded when one is chosen: it can be made smaller, and then no longer tells where it was
// taken. All of it happens on the device, and only when its owner asks for it: a picture may be evidence as it is.

const LONGEST = 2000;
const PART = 256 * 1024;
const GPS = 0x8825;
const LATITUDE = 2;

// Those that were looked into and can still be made smaller; those that tell where they were taken; what others were.
const pictures = new WeakSet();
const placed = new WeakSet();
export const originals = new WeakMap();

// Where the value of a tag lies in a list of tags (TIFF 6.0, section 2).
const find = (view, tiff, list, tag) => {
  const little = view.getUint16(tiff) === 0x4949;
  const first = tiff + (list || view.getUint32(tiff + 4, little));
  for (let n = view.getUint16(first, little); n > 0; n--) {
    const entry = first + 12 * n - 10;
    if (view.getUint16(entry, little) === tag) return view.getUint32(entry + 8, little);
  }
};

// Exif is TIFF, wherever in a picture it stands: in JPEG and PNG near the beginning, in WebP at the end. XMP is text.
const hasPlace = (bytes) => {
  const view = new DataView(bytes);
  const text = new TextDecoder("latin1").decode(bytes);
  const tells = ({ index }) => {
    try {
      const list = find(view, index, 0, GPS);
      return list && find(view, index, list, LATITUDE);
    } catch {
      return false;
    }
  };
  return text.includes("GPSLatitude") || [...text.matchAll(/II\*\0|MM\0\*/g)].some(tells);
};

export const look = async (file) => {
  const parts = [file.slice(0, PART), file.slice(Math.max(PART, file.size - PART))];
  const read = await Promise.all(parts.map((part) => part.arrayBuffer())).catch(() => []);
  if (read.some(hasPlace)) placed.add(file);
  pictures.add(file);
};

// Offered where size or place is a trouble.
const isOffered = (file, { isTooMuch }) => pictures.has(file) && (placed.has(file) || isTooMuch());

// What a row of the list has, and what stands below all of them.
export const acts = (file, tools) => {
  const { words, swap } = tools;
  const all = [];
  if (isOffered(file, tools)) all.push([words.smaller, () => shrink([file], tools)]);
  if (originals.has(file)) all.push([words.original, () => swap(file, originals.get(file))]);
  return all;
};
export const notes = (file, { words, make }) =>
  placed.has(file) ? [make("p", { className: "quiet" }, words.place)] : [];
export const offer = (files, tools) => {
  const { words, make, button } = tools;
  const offered = files.filter((file) => isOffered(file, tools));
  const all = offered.length ? [make("p", {}, words.lost)] : [];
  return offered.length > 1 ? [...all, button(words.all, () => shrink(offered, tools))] : all;
};

const canvas = (width, height, paint) => {
  const sheet = Object.assign(document.createElement("canvas"), { width, height });
  paint(sheet.getContext("2d"));
  return sheet;
};

// Tor Browser gives noise out of a canvas unless it is allowed: then no picture is made, least of all a wrong one.
const isTrue = () => {
  const colours = ["#f00", "#0f0", "#00f"];
  const paint = (pen) =>
    colours.forEach((colour, x) => {
      pen.fillStyle = colour;
      pen.fillRect(x, 0, 1, 1);
    });
  const { data } = canvas(3, 1, paint).getContext("2d").getImageData(0, 0, 3, 1);
  return colours.every((_, x) => [0, 1, 2].every((y) => data[4 * x + y] > 200 === (x === y)));
};

// Drawn anew, so that nothing of the file goes along but what is seen.
const smaller = async (file) => {
  const image = await createImageBitmap(file, { imageOrientation: "from-image" });
  const part = Math.min(1, LONGEST / Math.max(image.width, image.height));
  const [width, height] = [image.width, image.height].map((side) => Math.max(1, Math.round(side * part)));
  const sheet = canvas(width, height, (pen) => {
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, width, height);
    pen.imageSmoothingQuality = "high";
    pen.drawImage(image, 0, 0, width, height);
  });
  image.close();
  const made = await new Promise((done) => sheet.toBlob(done, "image/jpeg", 0.85));
  return new File([made], file.name.replace(/\.\w+$/, "") + ".jpg", { type: "image/jpeg" });
};

const shrink = async (files, { words, swap, say }) => {
  for (const file of files) {
    const made = isTrue() && (await smaller(file).catch(() => null));
    if (made && (made.size < file.size || placed.has(file))) {
      originals.set(made, file);
      if (swap(file, made)) say(words.made, made);
    } else {
      pictures.delete(file);
      if (swap(file, file)) say(words.unmade, file);
    }
  }
};
