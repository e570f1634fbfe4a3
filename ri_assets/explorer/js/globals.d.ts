/** d3 with d3-sankey, which the page carries; its types are not. */
declare const d3: any;
