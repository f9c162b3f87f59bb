import { LabIcon } from '@jupyterlab/ui-components';

const BUBBLE = 'M4 3h16a1 1 0 0 1 1 1v12a1 1 0 0 1-1 1H9l-5 4V4a1 1 0 0 1 1-1z';
const CURVE = 'M7 13l3-4 3 2 4-5';

export const chatIcon = new LabIcon({
  name: 'jupyter-mlchat:chat',
  svgstr: `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" width="16">
    <path class="jp-icon3" fill="#616161" d="${BUBBLE}"/>
    <path class="jp-icon-selectable-inverse" fill="none" stroke="#fff" stroke-width="2" d="${CURVE}"/>
  </svg>`
});
