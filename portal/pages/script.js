{{# SPDX-License-Identifier: GPL-2.0-or-later
    Counts the time left down, and loads a page that waits for something again. In the words of old
    WebViews. Without scripts the meta refresh of head.html does both.
    The page of a session is not loaded again under the reader's hands: only when it comes back to
    the front, and at the end. }}(function(){
var d=document,e=d.getElementById('left'),a=d.body.getAttribute('data-after'),t=+new Date();
function go(){location.replace(d.body.getAttribute('data-to'))}
if(!e){setTimeout(go,a*1000);return}
var s=+e.getAttribute('data-seconds');
function two(n){return(n<10?'0':'')+n}
function tick(){
var n=Math.max(0,Math.floor(s-(new Date()-t)/1000)),h=Math.floor(n/3600);
e.textContent=(h?h+':':'')+two(Math.floor(n/60)%60)+':'+two(n%60);
if(n<1){clearInterval(i);setTimeout(go,2000)}}
var i=setInterval(tick,1000);tick();
d.addEventListener('visibilitychange',function(){if(!d.hidden&&new Date()-t>a*1000)go()})
})()
