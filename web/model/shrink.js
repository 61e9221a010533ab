/** What every carrier takes, in bytes; a larger picture is made smaller before it leaves. */
const ENOUGH = 600_000;

/** The longest side of a picture that was made smaller, in pixels. */
const LONGEST = 1600;

/** Pictures that lose nothing that can be seen if they become a JPEG; some of them nobody but browsers can open. */
const STILL = new Set(['image/jpeg', 'image/png', 'image/webp', 'image/avif', 'image/heic', 'image/heif', 'image/bmp']);

/** Pictures that phones open as they are. */
const KNOWN = new Set(['image/jpeg', 'image/png', 'image/gif', 'image/bmp']);

/** @param {Blob} file @returns {Promise<Blob>} a picture that phones and carriers take, as far as that can be made of it */
export async function shrunk(file) {
  if (!STILL.has(file.type) || (file.size <= ENOUGH && KNOWN.has(file.type))) return file;
  const picture = await createImageBitmap(file).catch(() => null);
  if (!picture) return file;
  const scale = Math.min(1, LONGEST / Math.max(picture.width, picture.height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(picture.width * scale));
  canvas.height = Math.max(1, Math.round(picture.height * scale));
  const paper = canvas.getContext('2d');
  if (!paper) return file;
  // A JPEG has no transparent parts.
  paper.fillStyle = 'white';
  paper.fillRect(0, 0, canvas.width, canvas.height);
  paper.drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  /** @type {Blob | null} */
  const smaller = await new Promise((resolve) => canvas.toBlob(resolve, 'image/jpeg', 0.85));
  return smaller && (smaller.size < file.size || !KNOWN.has(file.type)) ? smaller : file;
}
