/**
 * The place of the demo scene: a yard with a building, drawn with nothing but shapes, so that it has no owner and no people in it.
 */

/** An SVG picture of the yard, drawn for 1280x720 and stretched to the wanted size. */
export function yard(width: number, height: number): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1280 720" width="${width}" height="${height}" preserveAspectRatio="none">
  <defs>
    <linearGradient id="sky" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="#9fb1c4"/><stop offset="1" stop-color="#d3d9dd"/></linearGradient>
    <linearGradient id="wall" x1="0" y1="0" x2="1" y2="1"><stop offset="0" stop-color="#a39c92"/><stop offset="1" stop-color="#857f77"/></linearGradient>
    <linearGradient id="door" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="#5f6f78"/><stop offset="1" stop-color="#4b5960"/></linearGradient>
    <linearGradient id="ground" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="#7d7e7c"/><stop offset="1" stop-color="#5c5d5d"/></linearGradient>
    <radialGradient id="lens" cx="0.5" cy="0.45" r="0.75"><stop offset="0.6" stop-opacity="0"/><stop offset="1" stop-opacity="0.28"/></radialGradient>
    <filter id="grain" x="0" y="0" width="1" height="1"><feTurbulence type="fractalNoise" baseFrequency="0.35" numOctaves="3" seed="4"/><feColorMatrix values="0 0 0 0 0.5  0 0 0 0 0.5  0 0 0 0 0.5  0 0 0 0 1  1.6 0 0 0 -0.7"/></filter>
  </defs>
  <rect width="1280" height="720" fill="url(#sky)"/>
  <path d="M0 150L190 118L330 128L520 104L760 122L980 100L1280 132V300H0Z" fill="#76837a"/>
  <rect y="196" width="1280" height="224" fill="url(#wall)"/>
  <rect y="188" width="1280" height="12" fill="#6d6860"/>
  <path d="M0 250H1280M0 305H1280M0 360H1280" stroke="#7c766e" stroke-width="2" opacity="0.6"/>
  <rect x="760" y="228" width="300" height="192" fill="url(#door)"/>
  <path d="M760 260H1060M760 292H1060M760 324H1060M760 356H1060M760 388H1060" stroke="#3e4a50" stroke-width="2"/>
  <rect x="752" y="220" width="316" height="8" fill="#54504a"/>
  <rect x="200" y="236" width="150" height="96" fill="#3d474d"/>
  <path d="M200 236H350V332H200ZM275 236V332" fill="none" stroke="#c9c4bb" stroke-width="5"/>
  <rect y="420" width="1280" height="300" fill="url(#ground)"/>
  <rect y="420" width="1280" height="10" fill="#4d4d4b" opacity="0.6"/>
  <path d="M520 420L240 720M700 420L760 720M350 420L-160 720M880 420L1280 720M0 470H1280M0 540H1280M0 640H1280" stroke="#51524f" stroke-width="2" fill="none" opacity="0.7"/>
  <path d="M752 430H1068L1190 720H700Z" fill="#6b6c6a" opacity="0.5"/>
  <rect x="470" y="360" width="78" height="62" rx="3" fill="#6a5238"/>
  <path d="M470 378H548M470 398H548M496 360V422M522 360V422" stroke="#523f2b" stroke-width="3"/>
  <path d="M0 420V372Q60 360 110 370T180 366V420Z" fill="#55654b"/>
  <path d="M0 404H186V424H0Z" fill="#77726a"/>
  <rect width="1280" height="720" filter="url(#grain)" opacity="0.18"/>
  <rect width="1280" height="720" fill="url(#lens)"/>
</svg>`;
}
