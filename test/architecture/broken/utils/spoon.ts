export const spoon = 1;
