/** Of the servers that the pictures are taken from. */
export const PORT = 4179;
/** With a house full of workspaces. */
export const CROWD_PORT = 4178;
/** With the building blocks alone. */
export const GALLERY_PORT = 4177;
